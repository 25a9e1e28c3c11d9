"""Forms drawn from a JSON Schema: one renderer for parameters, inputs, templates."""

from dashboard.schema_forms.form import SchemaForm

__all__ = ["SchemaForm"]
