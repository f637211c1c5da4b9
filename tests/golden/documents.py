#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""documents.py NFHOP SCHEMA COMMAND: -F json of every .cmd that runs COMMAND fits the schema."""
import json, os, shlex, subprocess, sys
import commands, golden

try:
    import jsonschema
except ImportError:
    print('skipped: this python has no jsonschema')
    sys.exit(77)


def main(nfhop, schema_file, command):
    with open(schema_file, encoding='utf-8') as f:
        schema = json.load(f)
    maker = jsonschema.validators.validator_for(schema)
    maker.check_schema(schema)
    bad = seen = 0
    for name in commands.all_commands():
        with open(os.path.join(golden.TESTDATA, name), encoding='utf-8') as f:
            words = shlex.split(f.read())
        if words[0] != command:
            continue
        done = subprocess.run([os.path.abspath(nfhop), command, '-F', 'json', *words[1:]],
                              cwd=golden.TESTDATA, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode == 2:
            continue
        seen += 1
        error = jsonschema.exceptions.best_match(maker(schema).iter_errors(
            json.loads(done.stdout)))
        if error:
            bad += 1
            print(f'{name}: {error.json_path}: {error.message}')
    print(f'{seen} documents, {bad} do not fit')
    return 1 if bad or not seen else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
