/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_option.c - the options of iptables rules that are understood, and what each does to a rule */
#include "xt_option.h"

#include "nat.h"
#include "value.h"
#include "lit.h"

struct cond *xt_add_cond(struct spec *spec, enum cond_field field, struct str text)
{
	struct cond *cond = conds_add(&spec->load->conds, field, text);

	spec->conditional = true;
	if (cond)
		cond->negated = spec->negated;
	return cond;
}

void xt_add_num(struct spec *spec, enum cond_field field, struct str text, struct num_span span)
{
	struct num_span *copy = arena_copy(spec->load->arena, &span, sizeof(span));
	struct cond *cond = copy ? xt_add_cond(spec, field, text) : NULL;

	if (!cond)
		return;
	cond->nums = copy;
	cond->n = 1;
}

static void set_hint(struct spec *spec, bool v6)
{
	if (spec->result.hint == FAMILY_NONE)
		spec->result.hint = v6 ? FAMILY_IP6 : FAMILY_IP;
}

static size_t count_commas(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == ',';
	return n;
}

static bool is_everything(const struct addr_span *span, bool v6)
{
	for (size_t i = v6 ? 0 : 12; i < sizeof(span->mask.b); i++)
		if (span->mask.b[i])
			return false;
	return true;
}

static void apply_addrs(struct spec *spec, const struct option *option, const struct args *args)
{
	struct str list = args->word[0];
	size_t n = count_commas(list) + 1;
	struct addr_span *spans = arena_alloc(spec->load->arena, n * sizeof(*spans));
	enum cond_field field = option->field;
	struct cond *cond;
	bool v6 = false;

	if (!spans)
		return;
	for (size_t i = 0; i < n && field != COND_OTHER; i++) {
		if (value_addrs(str_cut(&list, ','), &spans[i], &v6))
			set_hint(spec, v6);
		else
			field = COND_OTHER; /* a host's name */
	}
	if (n == 1 && field != COND_OTHER && is_everything(&spans[0], v6) && !spec->negated)
		return;
	spec->result.expands |= n > 1;
	cond = xt_add_cond(spec, field, args->text);
	if (!cond || field == COND_OTHER)
		return;
	cond->addrs = spans;
	cond->n = (uint32_t)n;
}

static void apply_device(struct spec *spec, const struct option *option, const struct args *args)
{
	struct name_span *span = arena_alloc(spec->load->arena, sizeof(*span));
	struct cond *cond = span ? xt_add_cond(spec, option->field, args->text) : NULL;

	if (!cond)
		return;
	span->name = args->word[0];
	span->prefix = span->name.n && span->name.p[span->name.n - 1] == '+';
	span->name.n -= span->prefix;
	cond->names = span;
	cond->n = 1;
}

static void apply_proto(struct spec *spec, const struct option *option, const struct args *args)
{
	uint32_t proto;

	if (!value_proto(args->word[0], &proto)) {
		xt_add_cond(spec, COND_OTHER, args->text);
		return;
	}
	if (proto == 1 || proto == 58)
		set_hint(spec, proto == 58);
	if (proto)
		xt_add_num(spec, option->field, args->text, (struct num_span){ 255, proto, proto });
}

static void apply_ports(struct spec *spec, const struct option *option, const struct args *args)
{
	struct str list = args->word[0];
	size_t n = count_commas(list) + 1;
	struct num_span *spans = arena_alloc(spec->load->arena, n * sizeof(*spans));
	struct cond *cond;
	bool ok = spans != NULL;

	for (size_t i = 0; i < n && ok; i++)
		ok = value_ports(str_cut(&list, ','), ':', &spans[i]);
	cond = xt_add_cond(spec, ok ? option->field : COND_OTHER, args->text);
	if (!cond || !ok)
		return;
	cond->nums = spans;
	cond->n = (uint32_t)n;
}

static void apply_icmp(struct spec *spec, const struct option *option, const struct args *args)
{
	bool v6 = option->arg;
	struct num_span span;

	set_hint(spec, v6);
	if (value_icmp(args->word[0], v6, &span))
		xt_add_num(spec, option->field, args->text, span);
	else
		xt_add_cond(spec, COND_OTHER, args->text);
}

static void apply_tcp_flags(struct spec *spec, const struct option *option, const struct args *args)
{
	struct num_span span;

	if (value_tcp_flags(args->word[0], &span.mask) &&
	    value_tcp_flags(args->word[1], &span.lo)) {
		span.hi = span.lo;
		xt_add_num(spec, option->field, args->text, span);
	} else {
		xt_add_cond(spec, COND_OTHER, args->text);
	}
}

static void apply_syn(struct spec *spec, const struct option *option, const struct args *args)
{
	struct num_span span = { TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK, TCP_SYN, TCP_SYN };

	xt_add_num(spec, option->field, args->text, span);
}

static void apply_mark(struct spec *spec, const struct option *option, const struct args *args)
{
	struct num_span span;

	if (value_mark(args->word[0], &span))
		xt_add_num(spec, option->field, args->text, span);
	else
		xt_add_cond(spec, COND_OTHER, args->text);
}

static void apply_other(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	xt_add_cond(spec, COND_OTHER, args->text);
}

static void apply_comment(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	spec->rule->comment = args->word[0];
}

static void apply_prefix(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	spec->rule->prefix = args->word[0];
}

static void apply_counters(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	if (value_number64(args->word[0], &spec->rule->packets) &&
	    value_number64(args->word[1], &spec->rule->bytes))
		spec->rule->flags |= RULE_COUNTERS;
}

static void apply_family(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)args;
	set_hint(spec, option->arg);
}

static void start_nat(struct spec *spec, const struct xt_target *target)
{
	spec->nat = arena_alloc(spec->load->arena, sizeof(*spec->nat));
	if (!spec->nat)
		return;
	spec->nat->source = target->flags & XT_TARGET_SOURCE;
	spec->nat->by_device = target->flags & XT_TARGET_BY_DEVICE;
	spec->nat->by_map = target->flags & XT_TARGET_BY_MAP;
	spec->rule->nat = spec->nat;
}

static void apply_target(struct spec *spec, const struct option *option, const struct args *args)
{
	const struct xt_target *target = xt_target_find(args->word[0]);
	struct rule *rule = spec->rule;

	rule->target = args->word[0];
	spec->scope = SCOPE_TARGET;
	if (option->arg == VERDICT_GOTO) {
		rule->verdict = VERDICT_GOTO;
		return;
	}
	/* a chain's name is found when all chains are known */
	rule->verdict = target ? target->verdict : VERDICT_NONE;
	spec->target = target;
	if (!target)
		return;
	if (target->flags & (XT_TARGET_SOURCE | XT_TARGET_DEST))
		start_nat(spec, target);
}

static bool is_v6_addr(const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(addr->b, mapped, sizeof(mapped)) != 0;
}

static void apply_to(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	spec->extra = true;
	/* old kernels took several ranges: the first is as good as any */
	if (!spec->nat || spec->nat->have || spec->nat->by_map ||
	    !nat_parse(args->word[0], spec->nat))
		return;
	if (spec->nat->have & NAT_TARGET_ADDR)
		set_hint(spec, is_v6_addr(&spec->nat->addr[0]));
}

static void apply_to_ports(struct spec *spec, const struct option *option, const struct args *args)
{
	(void)option;
	spec->extra = true;
	if (spec->nat)
		nat_parse_ports(args->word[0], spec->nat);
}

/* clang-format off */
static const struct option options[] = {
	{ S("-s"),                  1, false, apply_addrs,     COND_SRC,       0 },
	{ S("-d"),                  1, false, apply_addrs,     COND_DST,       0 },
	{ S("-i"),                  1, false, apply_device,    COND_IIF,       0 },
	{ S("-o"),                  1, false, apply_device,    COND_OIF,       0 },
	{ S("-p"),                  1, false, apply_proto,     COND_PROTO,     0 },
	{ S("-m"),                  1, false, xt_apply_match,     COND_OTHER,     0 },
	{ S("-j"),                  1, false, apply_target,    COND_OTHER,     VERDICT_JUMP },
	{ S("-g"),                  1, false, apply_target,    COND_OTHER,     VERDICT_GOTO },
	{ S("-f"),                  0, false, apply_other,     COND_OTHER,     0 },
	{ S("-c"),                  2, false, apply_counters,  COND_OTHER,     0 },
	{ S("-4"),                  0, false, apply_family,    COND_OTHER,     0 },
	{ S("-6"),                  0, false, apply_family,    COND_OTHER,     1 },
	{ S("--dport"),             1, false, apply_ports,     COND_DPORT,     0 },
	{ S("--sport"),             1, false, apply_ports,     COND_SPORT,     0 },
	{ S("--dports"),            1, false, apply_ports,     COND_DPORT,     0 },
	{ S("--sports"),            1, false, apply_ports,     COND_SPORT,     0 },
	{ S("--ports"),             1, false, apply_ports,     COND_PORT,      0 },
	{ S("--src-range"),         1, false, apply_addrs,     COND_SRC,       0 },
	{ S("--dst-range"),         1, false, apply_addrs,     COND_DST,       0 },
	{ S("--icmp-type"),         1, false, apply_icmp,      COND_ICMP,      0 },
	{ S("--icmpv6-type"),       1, false, apply_icmp,      COND_ICMP,      1 },
	{ S("--tcp-flags"),         2, false, apply_tcp_flags, COND_TCP_FLAGS, 0 },
	{ S("--syn"),               0, false, apply_syn,       COND_TCP_FLAGS, 0 },
	{ S("--mark"),              1, false, apply_mark,      COND_MARK,      0 },
	{ S("--comment"),           1, false, apply_comment,   COND_OTHER,     0 },
	{ S("--source"),            1, false, apply_addrs,     COND_SRC,       0 },
	{ S("--src"),               1, false, apply_addrs,     COND_SRC,       0 },
	{ S("--destination"),       1, false, apply_addrs,     COND_DST,       0 },
	{ S("--dst"),               1, false, apply_addrs,     COND_DST,       0 },
	{ S("--in-interface"),      1, false, apply_device,    COND_IIF,       0 },
	{ S("--out-interface"),     1, false, apply_device,    COND_OIF,       0 },
	{ S("--protocol"),          1, false, apply_proto,     COND_PROTO,     0 },
	{ S("--proto"),             1, false, apply_proto,     COND_PROTO,     0 },
	{ S("--match"),             1, false, xt_apply_match,     COND_OTHER,     0 },
	{ S("--jump"),              1, false, apply_target,    COND_OTHER,     VERDICT_JUMP },
	{ S("--goto"),              1, false, apply_target,    COND_OTHER,     VERDICT_GOTO },
	{ S("--fragment"),          0, false, apply_other,     COND_OTHER,     0 },
	{ S("--set-counters"),      2, false, apply_counters,  COND_OTHER,     0 },
	{ S("--destination-port"),  1, false, apply_ports,     COND_DPORT,     0 },
	{ S("--source-port"),       1, false, apply_ports,     COND_SPORT,     0 },
	{ S("--destination-ports"), 1, false, apply_ports,     COND_DPORT,     0 },
	{ S("--source-ports"),      1, false, apply_ports,     COND_SPORT,     0 },
	{ S("--log-prefix"),        1, true,  apply_prefix,    COND_OTHER,     0 },
	{ S("--nflog-prefix"),      1, true,  apply_prefix,    COND_OTHER,     0 },
	{ S("--ulog-prefix"),       1, true,  apply_prefix,    COND_OTHER,     0 },
	{ S("--to-source"),         1, true,  apply_to,        COND_OTHER,     0 },
	{ S("--to-destination"),    1, true,  apply_to,        COND_OTHER,     0 },
	{ S("--to"),                1, true,  apply_to,        COND_OTHER,     0 },
	{ S("--to-ports"),          1, true,  apply_to_ports,  COND_OTHER,     0 },
};

/* Matches whose options stand above; the others are one condition that cannot be checked. */
static const struct { struct str name; enum family only; } matches[] = {
	{ S("tcp"), FAMILY_NONE },      { S("udp"), FAMILY_NONE },
	{ S("udplite"), FAMILY_NONE },  { S("sctp"), FAMILY_NONE },
	{ S("dccp"), FAMILY_NONE },     { S("multiport"), FAMILY_NONE },
	{ S("mport"), FAMILY_NONE },    { S("iprange"), FAMILY_NONE },
	{ S("mark"), FAMILY_NONE },     { S("comment"), FAMILY_NONE },
	{ S("standard"), FAMILY_NONE }, { S("icmp"), FAMILY_IP },
	{ S("icmp6"), FAMILY_IP6 },     { S("icmpv6"), FAMILY_IP6 },
	{ S("ipv6-icmp"), FAMILY_IP6 },
};
/* clang-format on */

const struct option *xt_option_find(const struct spec *spec, struct str word)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (str_eq(options[i].name, word))
			return options[i].of_target && spec->scope != SCOPE_TARGET ? NULL
										   : &options[i];
	return NULL;
}

bool xt_match_is_known(struct str name, enum family *hint)
{
	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		if (!str_eq(matches[i].name, name))
			continue;
		if (!*hint)
			*hint = matches[i].only;
		return true;
	}
	return false;
}
