#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor.py NFHOP SCHEMA: doctor -F json fits its schema, and says what the text says."""
import json, subprocess, sys

try:
    import jsonschema
except ImportError:
    print('skipped: this python has no jsonschema')
    sys.exit(77)


def doctor(nfhop, *options):
    done = subprocess.run([nfhop, 'doctor', *options], capture_output=True, text=True)
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    return done


def main(nfhop, schema_file):
    with open(schema_file, encoding='utf-8') as f:
        schema = json.load(f)
    done = doctor(nfhop, '-F', 'json')
    said = json.loads(done.stdout)
    jsonschema.validate(said, schema)
    assert done.returncode == (1 if said['bad'] else 0)
    assert said['bad'] == sum(x['level'] == 'bad' for x in said['checks'])
    words = [line.split()[0] for line in doctor(nfhop).stdout.splitlines()
             if line[0] != ' ']
    assert words == [x['level'] for x in said['checks']], words


if __name__ == '__main__':
    main(*sys.argv[1:])
