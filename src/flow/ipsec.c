// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec.c - packets that a policy of IPsec ended: no hook sees it, only a counter moves
 *
 * What is forwarded is held against the policies between PREROUTING and FORWARD (ip_forward() of
 * net/ipv4/ip_forward.c: what it may have come by, then what it is to leave by), what is for this
 * host behind INPUT.
 */
#include "lost.h"

#include <inttypes.h>

/* /proc/net/xfrm_stat, Documentation/networking/xfrm_proc.rst. @in: counts at INPUT, too */
static const struct {
	const char *name, *words;
	bool in;
} counters[] = {
	{ "XfrmOutNoStates", "a policy of IPsec wants it encrypted, and there is no SA for that",
	  false },
	{ "XfrmOutPolBlock", "a policy of IPsec blocks it", false },
	{ "XfrmInTmplMismatch", "a policy of IPsec wants it encrypted, and it came otherwise",
	  true },
	{ "XfrmInPolBlock", "a policy of IPsec blocks what comes in so", true },
	{ "XfrmInNoPols", "it came by IPsec, and no policy allows that", true },
};

#define COUNTERS (sizeof(counters) / sizeof(*counters))

static uint64_t rise_of(const struct model *m, size_t i)
{
	return evidence_rise(m->before, m->after, str_from(counters[i].name));
}

/* The first that rose; their number if none did. */
static size_t find_risen(const struct model *m, bool in)
{
	size_t i = 0;

	while (i < COUNTERS && ((in && !counters[i].in) || !rise_of(m, i)))
		i++;
	return i;
}

bool ipsec_ended(const struct model *m, bool in)
{
	return find_risen(m, in) < COUNTERS;
}

struct str ipsec_text(const struct model *m, bool in)
{
	size_t i = find_risen(m, in);

	if (i == COUNTERS)
		return (struct str){ NULL, 0 };
	return text("%s, most likely (%s rose by %s meanwhile)", counters[i].words,
		    counters[i].name, number_text(rise_of(m, i)).s);
}

bool ipsec_may_be(const struct model *m)
{
	uint64_t value;

	return !m->before || !m->after || !evidence_value(m->after, STR("XfrmOutNoStates"), &value);
}

void confirm_ipsec(struct finding *f)
{
	finding_confirm(f, text("ip xfrm policy"));
	finding_confirm(f, text("ip xfrm state"));
	finding_confirm(f, text("cat /proc/net/xfrm_stat"));
}
