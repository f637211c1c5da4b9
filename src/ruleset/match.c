/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * match.c - does a rule fit a packet?
 *
 * Theory of operation. "No" accuses the rule set of being the wrong one, so it is only said when
 * a field is known and lies outside. A field that the trace does not print makes the condition
 * one that cannot be checked. The exception: ports, flags and ICMP types of a fragment that is
 * not the first do not exist, and no match on them fits it, negated or not (xt_tcpudp.c,
 * nft_payload.c of Linux 6.18).
 */
#include "cond.h"
#include "value.h"

static bool is_later_fragment(const struct header *pkt)
{
	return (pkt->have & HEADER_FRAG) && pkt->frag;
}

static enum got got_if(const struct header *pkt, uint32_t bit)
{
	if (is_later_fragment(pkt))
		return GOT_ABSENT;
	return pkt->have & bit ? GOT_VALUE : GOT_UNKNOWN;
}

static enum got get_family(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->family;
	return v[0] ? GOT_VALUE : GOT_UNKNOWN;
}

static enum got get_proto(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->proto;
	return seen->pkt->have & HEADER_PROTO ? GOT_VALUE : GOT_UNKNOWN;
}

static enum got get_sport(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->sport;
	return got_if(seen->pkt, HEADER_PORTS);
}

static enum got get_dport(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->dport;
	return got_if(seen->pkt, HEADER_PORTS);
}

static enum got get_ports(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->sport;
	v[1] = seen->pkt->dport;
	return got_if(seen->pkt, HEADER_PORTS);
}

static enum got get_icmp(const struct sighting *seen, uint32_t v[2])
{
	v[0] = (uint32_t)seen->pkt->icmp_type << 8 | seen->pkt->icmp_code;
	return got_if(seen->pkt, HEADER_ICMP);
}

static enum got get_tcp_flags(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->pkt->tcp_flags;
	return got_if(seen->pkt, HEADER_FLAGS);
}

static enum got get_mark(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->mark;
	return seen->have & SIGHTING_MARK ? GOT_VALUE : GOT_UNKNOWN;
}

static enum got get_ct_state(const struct sighting *seen, uint32_t v[2])
{
	v[0] = seen->ct;
	return seen->have & SIGHTING_CT ? GOT_VALUE : GOT_UNKNOWN;
}

/* @values: how many @get gives; the condition fits if any of them does */
struct field {
	const char *name;
	enum span_kind kind;
	enum got (*get)(const struct sighting *seen, uint32_t v[2]);
	uint8_t values;
};

/* clang-format off */
static const struct field fields[] = {
	[COND_OTHER]     = { "condition",   SPAN_NONE, NULL,          0 },
	[COND_FAMILY]    = { "family",      SPAN_NUM,  get_family,    1 },
	[COND_PROTO]     = { "protocol",    SPAN_NUM,  get_proto,     1 },
	[COND_SRC]       = { "source",      SPAN_ADDR, NULL,          0 },
	[COND_DST]       = { "destination", SPAN_ADDR, NULL,          0 },
	[COND_IIF]       = { "in",          SPAN_NAME, NULL,          0 },
	[COND_OIF]       = { "out",         SPAN_NAME, NULL,          0 },
	[COND_SPORT]     = { "sport",       SPAN_NUM,  get_sport,     1 },
	[COND_DPORT]     = { "dport",       SPAN_NUM,  get_dport,     1 },
	[COND_PORT]      = { "port",        SPAN_NUM,  get_ports,     2 },
	[COND_ICMP]      = { "icmp",        SPAN_NUM,  get_icmp,      1 },
	[COND_TCP_FLAGS] = { "tcp flags",   SPAN_NUM,  get_tcp_flags, 1 },
	[COND_MARK]      = { "mark",        SPAN_NUM,  get_mark,      1 },
	[COND_CT_STATE]  = { "ct state",    SPAN_NUM,  get_ct_state,  1 },
	[COND_TUPLE]     = { "tuple",       SPAN_TUPLE, NULL,         0 },
};
/* clang-format on */

_Static_assert(sizeof(fields) / sizeof(*fields) == COND_FIELD_MAX, "a field has no row");

enum span_kind span_kind_of(enum cond_field field)
{
	return fields[field].kind;
}

enum got field_get(enum cond_field field, const struct sighting *seen, uint32_t v[2])
{
	return fields[field].get(seen, v);
}

uint8_t field_values(enum cond_field field)
{
	return fields[field].values;
}

static enum match fits_if(const struct cond *cond, bool in)
{
	return in != cond->negated ? MATCH_YES : MATCH_NO;
}

static enum match check_num(const struct cond *cond, const struct sighting *seen)
{
	const struct field *field = &fields[cond->field];
	uint32_t v[2] = { 0 };
	enum got got = field->get(seen, v);
	bool in = false;

	if (got != GOT_VALUE)
		return got == GOT_ABSENT ? MATCH_NO : MATCH_UNKNOWN;
	for (uint32_t i = 0; i < cond->n && !in; i++) {
		const struct num_span *span = &cond->nums[i];

		for (unsigned int k = 0; k < field->values && !in; k++)
			in = (v[k] & span->mask) >= span->lo && (v[k] & span->mask) <= span->hi;
	}
	return fits_if(cond, in);
}

static bool addr_in(const struct addr *addr, const struct addr_span *span)
{
	struct addr masked;

	for (size_t i = 0; i < sizeof(masked.b); i++)
		masked.b[i] = addr->b[i] & span->mask.b[i];
	return memcmp(&masked, &span->lo, sizeof(masked)) >= 0 &&
	       memcmp(&masked, &span->hi, sizeof(masked)) <= 0;
}

static enum match check_addr(const struct cond *cond, const struct sighting *seen)
{
	const struct addr *addr = cond->field == COND_SRC ? &seen->pkt->src : &seen->pkt->dst;
	bool in = false;

	if (!(seen->pkt->have & HEADER_ADDR))
		return MATCH_UNKNOWN;
	for (uint32_t i = 0; i < cond->n && !in; i++)
		in = addr_in(addr, &cond->addrs[i]);
	return fits_if(cond, in);
}

static enum match check_name(const struct cond *cond, const struct sighting *seen)
{
	struct str name = cond->field == COND_IIF ? seen->iif : seen->oif;
	uint8_t bit = cond->field == COND_IIF ? SIGHTING_IIF : SIGHTING_OIF;
	bool in = false;

	if (!(seen->have & bit))
		return MATCH_UNKNOWN;
	for (uint32_t i = 0; i < cond->n && !in; i++) {
		const struct name_span *span = &cond->names[i];

		in = span->prefix ? str_starts(name, span->name) : str_eq(name, span->name);
	}
	return fits_if(cond, in);
}

static enum match check_none(const struct cond *cond, const struct sighting *seen)
{
	(void)cond;
	(void)seen;
	return MATCH_UNKNOWN;
}

static enum match check_now(const struct cond *cond, const struct sighting *seen);

/* @part as if it had no other span than number @i */
static struct cond one_span(const struct cond *part, uint32_t i)
{
	struct cond one = *part;

	one.n = 1;
	if (fields[part->field].kind == SPAN_ADDR)
		one.addrs += i;
	else if (fields[part->field].kind == SPAN_NAME)
		one.names += i;
	else
		one.nums += i;
	return one;
}

static enum match check_element(const struct cond *cond, uint32_t i, const struct sighting *seen)
{
	enum match all = MATCH_YES;

	for (uint8_t k = 0; k < cond->n_parts && all != MATCH_NO; k++) {
		struct cond one = one_span(&cond->parts[k], i);
		enum match fits = check_now(&one, seen);

		all = fits < all ? fits : all;
	}
	return all;
}

static enum match check_tuple(const struct cond *cond, const struct sighting *seen)
{
	enum match best = MATCH_NO;

	for (uint32_t i = 0; i < cond->n && best != MATCH_YES; i++) {
		enum match fits = check_element(cond, i, seen);

		best = fits > best ? fits : best;
	}
	/* what has no ports is in no set of them, and yet `!=` does not fit it */
	if (best == MATCH_UNKNOWN || (cond->negated && is_later_fragment(seen->pkt)))
		return MATCH_UNKNOWN;
	return fits_if(cond, best == MATCH_YES);
}

static enum match check_now(const struct cond *cond, const struct sighting *seen)
{
	static enum match (*const checks[])(const struct cond *, const struct sighting *) = {
		[SPAN_NONE] = check_none, [SPAN_ADDR] = check_addr,   [SPAN_NAME] = check_name,
		[SPAN_NUM] = check_num,	  [SPAN_TUPLE] = check_tuple,
	};

	return checks[fields[cond->field].kind](cond, seen);
}

enum match cond_fits_span(const struct cond *cond, uint32_t i, const struct sighting *seen)
{
	struct cond one;

	if (cond->n_parts)
		return check_element(cond, i, seen);
	one = one_span(cond, i);
	return check_now(&one, seen);
}

static bool is_fleeting(const struct cond *cond)
{
	return cond->set || cond->field == COND_CT_STATE;
}

static bool fits_likely(const struct cond *cond, const struct sighting *seen)
{
	return is_fleeting(cond) && (seen->have & SIGHTING_PASSED) &&
	       check_now(cond, seen) == MATCH_YES;
}

/* What may have been otherwise when the packet came says why it did not fit, if it did not. */
static enum match check_alone(const struct cond *cond, const struct sighting *seen)
{
	if (!is_fleeting(cond))
		return check_now(cond, seen);
	if (!(seen->have & SIGHTING_PASSED) || check_now(cond, seen) != MATCH_NO)
		return MATCH_UNKNOWN;
	return MATCH_NO;
}

/* Of a set without elements a dump may just not list them. */
static bool is_listed(const struct cond *cond, const struct sighting *seen)
{
	return (seen->have & SIGHTING_LISTED) && cond->set && cond->n;
}

static enum match check(const struct cond *cond, const struct sighting *seen)
{
	enum match fits = check_alone(cond, seen);

	if (fits == MATCH_UNKNOWN && (seen->met || (seen->have & SIGHTING_STATES)))
		fits = cond_by_met(cond, seen);
	if (fits == MATCH_UNKNOWN && is_listed(cond, seen))
		fits = check_now(cond, seen);
	return fits;
}

static struct rule_miss miss_of(const struct cond *cond)
{
	struct rule_miss miss = {
		.field = fields[cond->field].name,
		.text = cond->text,
		.set = cond->set,
		.map = cond->map,
		.empty = (cond->set || cond->map) && !cond->n,
		.negated = cond->negated,
	};

	for (uint8_t k = 0; k < cond->n_parts; k++)
		miss.parts[k] = fields[cond->parts[k].field].name;
	return miss;
}

/* rule_match() without the reasons */
static enum match match_all(const struct rule *rule, const struct sighting *seen)
{
	bool hidden = rule->chain->table->flags & TABLE_DEVICES_HIDDEN;
	enum match result = hidden ? MATCH_UNKNOWN : MATCH_YES;

	for (uint32_t i = 0; i < rule->n_conds && result != MATCH_NO; i++) {
		enum match one = check(&rule->conds[i], seen);

		result = one < result ? one : result;
	}
	return result;
}

enum match rule_match(const struct rule *rule, const struct sighting *seen, struct rule_miss *miss)
{
	enum match result = MATCH_YES;
	struct rule_miss first;
	uint32_t failed = 0, unknown = 0, likely = 0;

	if (!miss)
		return match_all(rule, seen);
	first = (struct rule_miss){ 0 };
	if (rule->chain->table->flags & TABLE_DEVICES_HIDDEN) {
		result = MATCH_UNKNOWN;
		unknown = 1;
		first.field = "in";
		first.text = STR("-i and -o (this listing does not show them)");
	}
	for (uint32_t i = 0; i < rule->n_conds; i++) {
		const struct cond *cond = &rule->conds[i];
		enum match one = check(cond, seen);
		bool fits = one == MATCH_UNKNOWN && fits_likely(cond, seen);

		failed += one == MATCH_NO;
		if (result == MATCH_NO)
			continue;
		/* the first "no" decides; else the first that cannot be checked is named */
		if (one < result || (one == MATCH_UNKNOWN && !fits && unknown == likely))
			first = miss_of(cond);
		result = one < result ? one : result;
		unknown += one == MATCH_UNKNOWN;
		likely += fits;
	}
	first.failed = failed;
	first.unknown = unknown;
	first.likely = likely;
	*miss = first;
	return result;
}

/* Of `{ invalid : drop, established : accept }` the states that have this verdict. */
static unsigned int states_of_map(struct str map, enum verdict verdict)
{
	static const char *const words[VERDICT_MAX] = {
		[VERDICT_ACCEPT] = "accept",	 [VERDICT_DROP] = "drop",
		[VERDICT_CONTINUE] = "continue", [VERDICT_RETURN] = "return",
		[VERDICT_JUMP] = "jump",	 [VERDICT_GOTO] = "goto",
	};
	struct str rest = str_skip(map, str_find(map, STR("{")));
	unsigned int all = 0;

	rest = str_skip(rest, 1);
	while (rest.n) {
		struct str element = str_cut(&rest, ',');
		struct str key = str_trim_left(str_trim_right(str_cut(&element, ':')));
		struct str says = str_trim_left(element);
		uint32_t states;

		if (!value_ct_states(key, &states))
			return 0;
		if (words[verdict] && str_starts(says, str_from(words[verdict])))
			all |= states;
	}
	return all;
}

unsigned int rule_ct_states(const struct rule *rule, enum verdict verdict)
{
	for (uint32_t i = 0; i < rule->n_conds; i++) {
		const struct cond *cond = &rule->conds[i];

		if (cond->field != COND_CT_STATE || cond->negated || cond->set)
			continue;
		return cond->map ? states_of_map(cond->text, verdict) : cond->nums[0].mask;
	}
	return 0;
}
