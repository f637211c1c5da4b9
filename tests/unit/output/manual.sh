#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# manual.sh NFHOP DOC: the manuals say what the tables of options and of filter words say
status=0
for command in report view check rules diff record doctor; do
	page=$2/nfhop-$command.1.scd
	want=$("$1" $command --help-scdoc) || status=1
	got=$(sed -n '/^# OPTIONS$/,/^# /p' "$page" | sed '1,2d;$d')
	[ "$want" = "$got" ] && continue
	echo "$page: put the output of 'nfhop $command --help-scdoc' under OPTIONS"
	status=1
done
# Every word of the filter language has its place in the manual.
for word in $("$1" help filter | sed -n '/^  nfhop/d;s/^  \([a-z][a-z0-9-]*\).*/\1/p'); do
	grep -q "\*$word\*" "$2/nfhop-filter.7.scd" && continue
	echo "$2/nfhop-filter.7.scd: nothing about '$word'"
	status=1
done
exit $status
