"""Message and facts in, Decision with its trail out. Rules look nothing up; nothing here does I/O."""
