"""The one address of automations that deploying clients call."""
