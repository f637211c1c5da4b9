// SPDX-License-Identifier: GPL-2.0-or-later
/* live.c - what live sources say beside packets: losses, rule sets */
#include <endian.h>
#include <errno.h>

#include "dialect.h"
#include "scan.h"

bool record_part(struct str *data, struct str *name, struct str *text)
{
	struct str rest = *data, digits;
	uint64_t size;

	*name = str_first(rest, str_find(rest, STR("\n")));
	rest = str_skip(rest, name->n + 1);
	digits = str_first(rest, str_find(rest, STR("\n")));
	rest = str_skip(rest, digits.n + 1);
	if (!name->n || !scan_dec(&digits, 19, &size) || digits.n || size > rest.n)
		return false;
	*text = str_first(rest, size);
	*data = str_skip(rest, size);
	return true;
}

int live_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		struct complaint *why)
{
	struct record_loss loss;
	uint64_t lost;

	(void)scratch;
	if (rec->kind < RECORD_LOSS)
		return -ENOENT;
	if (rec->kind != RECORD_LOSS)
		return 0;
	if (rec->data.n < sizeof(loss)) {
		why->at = rec->data.n;
		why->expected = "how many records were lost";
		return -EINVAL;
	}
	memcpy(&loss, rec->data.p, sizeof(loss));
	memcpy(&lost, loss.lost, sizeof(lost));
	ev->kind = EVENT_GAP;
	ev->gap = loss.kind < GAP_KIND_MAX ? loss.kind : GAP_SOCKET;
	ev->lost = le64toh(lost);
	ev->have |= ev->lost ? EVENT_LOST : 0;
	ev->have |= loss.span == RECORD_LOSS_OPENS ? EVENT_GAP_OPENS : 0;
	ev->have |= loss.span == RECORD_LOSS_CLOSES ? EVENT_GAP_CLOSES : 0;
	ev->text = str_skip(rec->data, sizeof(loss));
	return 0;
}
