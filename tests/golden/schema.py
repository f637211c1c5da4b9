#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""schema.py NFHOP SCHEMA: every .ndjson golden line, and -F json of its input, fit the schema."""
import json, os, sys
import golden

try:
    import jsonschema
except ImportError:
    print('skipped: this python has no jsonschema')
    sys.exit(77)


def objects(nfhop, expected):
    """(where, text of one JSON object) for all that there is to validate."""
    with open(expected, encoding='utf-8') as f:
        for no, line in enumerate(f, 1):
            yield f'line {no}', line
    given, _ = golden.split(expected)
    yield '-F json', golden.run(nfhop, given, ['-F', 'json']) or b'null'


def main(nfhop, schema_file):
    with open(schema_file, encoding='utf-8') as f:
        schema = json.load(f)
    maker = jsonschema.validators.validator_for(schema)
    maker.check_schema(schema)
    validator = maker(schema)
    bad = seen = 0
    for name in golden.all_expected():
        if not name.endswith('.ndjson'):
            continue
        for where, text in objects(nfhop, os.path.join(golden.TESTDATA, name)):
            seen += 1
            error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(text)))
            if error:
                bad += 1
                print(f'{name}: {where}: {error.json_path}: {error.message}')
    print(f'{seen} objects, {bad} do not fit')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
