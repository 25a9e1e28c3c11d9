"""The agent: takes due runs from queues and runs each in a process of its own."""
