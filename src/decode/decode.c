// SPDX-License-Identifier: GPL-2.0-or-later
/* decode.c - the table of dialects, and the one question that is put to all of them */
#include "nfhop/decode.h"

#include <errno.h>

#include "colour.h"
#include "dialect.h"

const struct dialect dialects[] = {
	{ "nft-trace", nftrace_decode },
	{ "nflog", nflog_decode },
	{ "live", live_decode },
	{ "nft-monitor", nftmon_decode },
	{ "xtables-monitor", xtmon_decode },
	{ "klog", klog_decode },
	{ NULL, NULL },
};

static int ask(const struct record *rec, struct scratch *scratch, struct event *ev,
	       struct complaint *why)
{
	const struct dialect *dialect;

	for (dialect = dialects; dialect->name; dialect++) {
		int err;

		memset(ev, 0, sizeof(*ev));
		ev->times = 1;
		err = dialect->decode(rec, scratch, ev, why);
		if (err != -ENOENT)
			return err;
	}
	memset(ev, 0, sizeof(*ev));
	ev->times = 1;
	return 0;
}

int decode_record(const struct record *rec, struct scratch *scratch, struct event *ev,
		  struct complaint *why)
{
	struct record plain = *rec;
	int err;

	if (rec->kind == RECORD_LINE)
		plain.data = colour_off(rec->data, scratch);
	err = ask(&plain, scratch, ev, why);
	if (err && plain.data.p != rec->data.p)
		why->at = colour_at(rec->data, why->at);
	return err;
}
