import json

from gateway.routing.results import CREATE, ENDS, ON_REPLY, PLAIN
from gateway.routing.schema import json_schema
from gateway.routing.vocabulary import CONDITIONS, GROUPS


def test_the_schema_is_json():
    assert json.loads(json.dumps(json_schema())) == json_schema()


def test_the_schema_knows_every_condition_and_every_result():
    definitions = json_schema()["$defs"]
    assert set(definitions["when"]["properties"]) == {*CONDITIONS, *GROUPS}
    fields, *ends = definitions["then"]["anyOf"]
    assert set(fields["properties"]) == {"create", "on_reply", "note", *PLAIN}
    assert [next(iter(end["properties"])) for end in ends] == list(ENDS)
    assert set(fields["properties"]["create"]["properties"]) == set(CREATE)
    assert set(fields["properties"]["on_reply"]["properties"]) == set(ON_REPLY)


def test_every_reference_of_the_schema_leads_somewhere():
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    schema = json_schema()
    assert references(schema) == {f"#/$defs/{name}" for name in schema["$defs"]}
