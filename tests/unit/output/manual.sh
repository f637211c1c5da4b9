#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# manual.sh NFHOP DOC: the option section of each command's manual is what its table says
status=0
for command in report doctor; do
	page=$2/nfhop-$command.1.scd
	want=$("$1" $command --help-scdoc) || status=1
	got=$(sed -n '/^# OPTIONS$/,/^# /p' "$page" | sed '1,2d;$d')
	[ "$want" = "$got" ] && continue
	echo "$page: put the output of 'nfhop $command --help-scdoc' under OPTIONS"
	status=1
done
exit $status
