// SPDX-License-Identifier: GPL-2.0-or-later
/* monitor.c - what lines of nft's and of iptables-nft's trace monitor have in common */
#include "monitor.h"

#include <errno.h>

#include "envelope.h"
#include "journal.h"
#include "scan.h"

bool monitor_open(struct monitor *m)
{
	struct entry entry = { .dmesg = false };
	struct str data = m->rec->data;

	m->text = data;
	m->used = m->scratch->used;
	if (m->rec->kind == RECORD_LINE)
		return true;
	if (m->rec->kind > RECORD_JSON)
		return false;
	if (m->rec->kind == RECORD_JOURNAL ? !journal_read(data, &entry)
					   : !json_record_read(data, m->scratch, &entry))
		return false;
	m->text = entry.message;
	m->ev->host = entry.host;
	m->ev->stamp = entry.stamp;
	return m->text.n;
}

/*
 * Neither program prints a time or a host, so a framing was added by whoever kept the lines:
 * systemd's journal, syslog, ts. The envelope is given nothing but that, since it would take
 * the first words of these lines for a host and a tag.
 */
void monitor_frame(struct monitor *m, const char *at)
{
	struct envelope env;

	if (m->rec->kind != RECORD_LINE || at == m->text.p)
		return;
	envelope_open(str_between(m->text.p, at), m->scratch, &env);
	m->ev->host = env.host;
	m->ev->stamp = env.stamp;
	m->ev->seq = env.seq;
}

int monitor_decline(struct monitor *m)
{
	m->scratch->used = m->used;
	return -ENOENT;
}

int monitor_fault(struct monitor *m, const char *at, const char *expected)
{
	struct str data = m->rec->data;
	bool inside = at >= data.p && at <= data.p + data.n; /* else it was unescaped */

	m->why->at = inside ? (size_t)(at - data.p) : 0;
	m->why->expected = expected;
	return -EINVAL;
}

bool monitor_id(struct str *s, uint32_t *id)
{
	struct str rest = *s;
	uint64_t value;

	if (!scan_hex(&rest, &value) || s->n - rest.n > 8 || (rest.n && !is_blank(*rest.p)))
		return false;
	scan_blanks(&rest);
	*id = (uint32_t)value;
	*s = rest;
	return true;
}
