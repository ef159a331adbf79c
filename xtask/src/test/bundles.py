"""Holds the bundles in a folder against FHIR R4, twice: by fhir.resources, whose models of R4B (4.3.0) know the values and
their forms, and by fhirclient, whose models are of R4 (4.0.1) and refuse every element that R4 does not have.

Usage: bundles.py FOLDER COUNT. Ends with 1, and says which element of which file is wrong, if anything is.
"""

import json
import sys
from pathlib import Path

from fhir.resources.R4B import get_fhir_model_class
from fhirclient.models.bundle import Bundle as R4Bundle
from fhirclient.models.fhirabstractbase import FHIRValidationError
from pydantic import BaseModel, ValidationError

R4BBundle = get_fhir_model_class("Bundle")


def codes_outside_their_list(value, path):
    """The models list the codes of a required binding, and do not hold a value against them."""
    if isinstance(value, list):
        for n, item in enumerate(value):
            yield from codes_outside_their_list(item, f"{path}[{n}]")
    if not isinstance(value, BaseModel):
        return
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name, None)
        if inner is None:
            continue
        allowed = (field.json_schema_extra or {}).get("enum_values") if isinstance(field.json_schema_extra, dict) else None
        for code in inner if isinstance(inner, list) else [inner]:
            if allowed and code not in allowed:
                yield f"{path}.{name}: {code!r} is none of {', '.join(allowed)}"
        yield from codes_outside_their_list(inner, f"{path}.{name}")


def problems(text):
    bundle = json.loads(text)
    try:
        yield from codes_outside_their_list(R4BBundle.model_validate(bundle), "Bundle")
    except ValidationError as error:
        yield f"R4B: {error}"
    try:
        R4Bundle(bundle, strict=True)
    except FHIRValidationError as error:
        yield f"R4: {error}"


def main(folder, count):
    files = sorted(Path(folder).glob("*.json"))
    if len(files) != count:
        print(f"{len(files)} bundles are in {folder}, and not {count}")
        return 1
    wrong = 0
    for file in files:
        for problem in problems(file.read_text(encoding="utf-8")):
            print(f"{file.name}: {problem}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
