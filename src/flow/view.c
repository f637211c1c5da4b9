/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.c - hops and paths put into words' reach: numbers become names, changes are worked out */
#include "model.h"

#include "nfhop/own.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define PRE HOOK_BIT(HOOK_PREROUTING)
#define IN  HOOK_BIT(HOOK_INPUT)

static const char *const change_names[] = {
	[CHANGE_TTL] = "ttl", [CHANGE_SRC] = "src",	  [CHANGE_SPORT] = "sport",
	[CHANGE_DST] = "dst", [CHANGE_DPORT] = "dport",	  [CHANGE_MARK] = "mark",
	[CHANGE_TOS] = "tos", [CHANGE_LENGTH] = "length",
};

const char *change_name(enum change_field field)
{
	return field < CHANGE_MAX ? change_names[field] : NULL;
}

struct str model_text(const struct model *m, sym_t sym)
{
	return sym_text(m->syms, sym);
}

size_t model_path_count(const struct model *m)
{
	return paths_count(m->paths);
}

size_t model_path_length(const struct model *m, uint32_t path)
{
	return paths_length(m->paths, path);
}

unsigned int model_hop_changes(const struct packet *p, size_t i)
{
	const struct hop *is = &p->hops[i], *was = i ? is - 1 : is;
	const struct endpoints *a = &p->ends[was->at], *b = &p->ends[is->at];
	unsigned int both = was->have & is->have, changes = 0;

	if (both & HOP_TTL)
		changes |= (unsigned int)(was->ttl != is->ttl) << CHANGE_TTL;
	if (a != b)
		changes |= (unsigned int)(memcmp(&a->src, &b->src, sizeof(a->src)) != 0)
				   << CHANGE_SRC |
			   (unsigned int)(a->sport != b->sport) << CHANGE_SPORT |
			   (unsigned int)(memcmp(&a->dst, &b->dst, sizeof(a->dst)) != 0)
				   << CHANGE_DST |
			   (unsigned int)(a->dport != b->dport) << CHANGE_DPORT;
	if (both & HOP_MARK_KNOWN)
		changes |= (unsigned int)(was->mark != is->mark) << CHANGE_MARK;
	if (both & HOP_TOS)
		changes |= (unsigned int)(was->tos != is->tos) << CHANGE_TOS;
	if (both & HOP_LENGTH)
		changes |= (unsigned int)(was->length != is->length) << CHANGE_LENGTH;
	return changes;
}

/* Where a hop, or the endpoints that held there, have what may change. */
static const struct {
	bool ends;
	size_t at, size;
} places[CHANGE_MAX] = {
#define PLACE(ends, type, member)                                                                  \
	{                                                                                          \
		ends, offsetof(struct type, member), sizeof(((struct type *)0)->member)            \
	}
	[CHANGE_TTL] = PLACE(false, hop, ttl),		[CHANGE_SRC] = PLACE(true, endpoints, src),
	[CHANGE_SPORT] = PLACE(true, endpoints, sport), [CHANGE_DST] = PLACE(true, endpoints, dst),
	[CHANGE_DPORT] = PLACE(true, endpoints, dport), [CHANGE_MARK] = PLACE(false, hop, mark),
	[CHANGE_TOS] = PLACE(false, hop, tos),		[CHANGE_LENGTH] = PLACE(false, hop, length),
};

static const void *value_of(const struct packet *p, size_t i, enum change_field field)
{
	const struct hop *hop = &p->hops[i];
	const void *in = places[field].ends ? (const void *)&p->ends[hop->at] : hop;

	return (const char *)in + places[field].at;
}

static void add_changes(struct hop_view *v, const struct packet *p, size_t i)
{
	unsigned int changes = model_hop_changes(p, i);

	for (enum change_field field = 0; changes >> field; field++)
		if (changes >> field & 1)
			v->changes[v->n_changes++] =
				(struct change){ .field = field,
						 .size = places[field].size,
						 .from = value_of(p, i - 1, field),
						 .to = value_of(p, i, field) };
}

static bool port_fits(const struct nat_target *nat, const uint16_t *to)
{
	uint16_t port = *to;

	return !(nat->have & NAT_TARGET_PORT) || nat->by_map ||
	       (port >= nat->port[0] && port <= nat->port[1]);
}

static bool addr_fits(const struct nat_target *nat, const struct addr *addr)
{
	return !(nat->have & NAT_TARGET_ADDR) || nat->by_map || nat->by_device ||
	       (memcmp(addr, &nat->addr[0], sizeof(*addr)) >= 0 &&
		memcmp(addr, &nat->addr[1], sizeof(*addr)) <= 0);
}

static bool rule_does(const struct rule *rule, const struct change *c)
{
	bool source = c->field == CHANGE_SRC || c->field == CHANGE_SPORT;

	if (c->field == CHANGE_MARK)
		return rule->flags & RULE_SETS_MARK;
	if (!rule->nat || rule->nat->source != source)
		return false;
	if (c->field == CHANGE_SPORT || c->field == CHANGE_DPORT)
		return port_fits(rule->nat, c->to);
	return (c->field == CHANGE_SRC || c->field == CHANGE_DST) && addr_fits(rule->nat, c->to);
}

/*
 * A trace shows a packet as it came to a rule, so what a rule did shows at the next hop, as does
 * what connection tracking did in between: only the rule set can tell them apart.
 */
static void mark_changes(const struct model *m, struct hop_view *v, const struct packet *p,
			 size_t i)
{
	struct path_hop before;

	if (!v->n_changes || m->wrong_rules ||
	    p->flags & (PACKET_AMBIGUOUS | PACKET_MID_GAP | PACKET_STALE))
		return;
	before = paths_hop(m->paths, p->path, i - 1);
	if (!before.meaning->rule || before.step->kind == HOP_LOG)
		return;
	for (unsigned int k = 0; k < v->n_changes; k++)
		v->changes[k].by_rule = rule_does(before.meaning->rule, &v->changes[k]) &&
					!(v->changes[k].field == CHANGE_MARK &&
					  step_has_run(paths_hop(m->paths, p->path, i).step));
}

/* What the rule set adds: the rule behind a handle, or behind a "policy" that is none. */
static void from_rules(const struct model *m, const struct hop_meaning *meaning, struct hop_view *v)
{
	static const enum hop_kind kinds[] = {
		[HOP_IS_RULE] = HOP_RULE, [HOP_IS_END] = HOP_RETURN, [HOP_IS_POLICY] = HOP_POLICY
	};
	const struct rule *rule = meaning->rule;

	if (meaning->is && v->kind != HOP_LOG)
		v->kind = kinds[meaning->is];
	if (v->verdict == VERDICT_DROP && meaning->verdict == VERDICT_REJECT &&
	    (v->text.n || !m->unlike_texts)) { /* nft's trace calls a reject a drop */
		v->verdict = VERDICT_REJECT;
		v->by = v->by == BY_TRACE && !meaning->told_reject ? BY_RULESET : v->by;
	}
	if (!rule)
		return;
	if (v->kind == HOP_LOG && !v->table.n)
		v->family = rule->chain->table->family; /* the line tells the packet's alone */
	v->table = rule->chain->table->name;
	v->chain = rule->chain->name;
	v->rule = rule->number;
	v->handle = rule->flags & RULE_HANDLE ? rule->handle : v->handle;
	v->text =
		is_own_table(v->family, v->table) && (rule->flags & RULE_SETS_TRACE)
			? STR("meta nftrace set 1") /* its conditions are what the user asked for */
			: rule->text;
}

/* What a LOG line's prefix says of its rule, unless the rule set has said it. */
static void from_prefix(const struct model *m, const struct log_name *name, struct hop_view *v)
{
	if (!name->convention || v->table.n)
		return;
	v->table = sym_text(m->syms, name->table);
	v->chain = sym_text(m->syms, name->chain);
	v->rule = name->rule;
}

static bool legacy_told(const struct model *m)
{
	for (unsigned int i = 0; i < m->n_hosts; i++)
		if (assembler_visible(m->assembler, i, FAMILY_IP).tables ||
		    assembler_visible(m->assembler, i, FAMILY_IP6).tables)
			return true;
	return false;
}

struct str model_apart(const struct model *m, enum backend backend, enum family family,
		       struct str table)
{
	const struct ruleset *rules = paths_rules(m->paths);
	const struct table *namesake;

	if (table_find(table) == TABLE_MAX || !legacy_told(m))
		return STR("");
	if (backend == BACKEND_NFT)
		return family_word(family);
	namesake = rules ? ruleset_table(rules, BACKEND_NFT, family, table) : NULL;
	/* what iptables-save prints may be of either */
	return namesake && namesake->backend == BACKEND_NFT ? STR("legacy") : STR("");
}

/* Whose table it is: of a LOG line its rule tells. */
static enum backend backend_of(const struct hop_view *v)
{
	if (v->nft)
		return BACKEND_NFT;
	return v->kind == HOP_LOG && v->meaning->rule ? v->meaning->rule->chain->table->backend
						      : BACKEND_XT;
}

void view_path_hop(const struct model *m, const struct path_hop *ph, size_t i, struct hop_view *v)
{
	const struct step *s = ph->step;

	*v = (struct hop_view){
		.n = (unsigned int)i + 1,
		.family = s->family,
		.table = sym_text(m->syms, s->table),
		.chain = sym_text(m->syms, s->chain),
		.target = sym_text(m->syms, ph->target),
		.prefix = sym_text(m->syms, s->prefix),
		.text = sym_text(m->syms, s->text),
		.hook = s->hook,
		.hooks = s->hook ? HOOK_BIT(s->hook) : 0,
		.kind = s->kind,
		.rule = s->have & STEP_RULE ? s->rule : 0,
		.handle = s->have & STEP_HANDLE ? s->handle : 0,
		.verdict = ph->verdict,
		.by = ph->by,
		.nft = s->have & STEP_NFT,
		.behind = s->have & STEP_BEHIND,
		.depth = ph->depth,
		.meaning = ph->meaning,
	};
	from_rules(m, ph->meaning, v);
	from_prefix(m, ph->name, v);
	if (v->table.n)
		v->apart = model_apart(m, backend_of(v), v->family, v->table);
}

bool model_path_traced(const struct model *m, uint32_t path)
{
	for (size_t i = 0; i < paths_length(m->paths, path); i++)
		if (step_was_traced(paths_hop(m->paths, path, i).step))
			return true;
	return false;
}

void model_path_step(const struct model *m, uint32_t path, size_t i, struct hop_view *v)
{
	struct path_hop ph = paths_hop(m->paths, path, i);

	view_path_hop(m, &ph, i, v);
}

/* What the conclusion says of the hop that ended the packet. */
static void from_decision(struct hop_view *v, const struct decision *d, size_t i)
{
	if (d->stop != (int)i || v->verdict)
		return;
	v->verdict = d->outcome == OUTCOME_REJECTED ? VERDICT_REJECT : VERDICT_DROP;
	v->by = BY_INFERRED;
}

/* Bounds by devices: only IP packets pass the hooks that they tell apart. */
static unsigned int hooks_of(const struct step *s, const struct hop *hop)
{
	if (s->family == FAMILY_ARP || s->family == FAMILY_BRIDGE)
		return 0;
	return hooks_by_devices(hop->iif, hop->oif);
}

enum hook model_hop_hook(const struct model *m, const struct packet *p, size_t i)
{
	const struct hop *hop = &p->hops[i];
	const struct step *s = paths_step_at(m->paths, hop->step);
	unsigned int named;

	if (s->hook)
		return s->hook;
	named = hooks_of(s, hop) & paths_name_at(m->paths, hop->step)->hooks;
	if (hooks_only(named))
		return hooks_only(named);
	if (hooks_of(s, hop) == (PRE | IN) && p->n_ends && remote_has(m, &p->ends[hop->at].dst))
		return HOOK_PREROUTING;
	return HOOK_NONE;
}

void model_hop(const struct model *m, const struct packet *p, size_t i, struct hop_view *v)
{
	const struct hop *hop = &p->hops[i];
	struct decision d;

	model_path_step(m, p->path, i, v);
	v->hop = hop;
	v->iif = sym_text(m->syms, hop->iif);
	v->oif = sym_text(m->syms, hop->oif);
	add_changes(v, p, i);
	mark_changes(m, v, p, i);
	v->hook = model_hop_hook(m, p, i);
	v->hooks = v->hook ? HOOK_BIT(v->hook) : hooks_of(paths_step_at(m->paths, hop->step), hop);
	if (v->verdict)
		return;
	model_decide(m, p, &d);
	from_decision(v, &d, i);
}

void model_path_hop(const struct model *m, const struct flow *flow, uint32_t path, size_t i,
		    struct hop_view *v)
{
	struct decision d;

	model_path_step(m, path, i, v);
	if (v->verdict)
		return;
	for (uint32_t k = 0; k < flow->n_paths; k++)
		if (flow->paths[k].path == path) {
			model_decide_path(m, flow, &flow->paths[k], &d);
			from_decision(v, &d, i);
			return;
		}
}

bool model_packet_nat(const struct model *m, const struct packet *p, struct nat *nat)
{
	const struct endpoints *a = &p->ends[0];
	const struct endpoints *b = &p->ends[p->n_ends ? p->n_ends - 1 : 0];

	(void)m;
	*nat = (struct nat){ .by = BY_TRACE, .ends = b };
	if (memcmp(&a->src, &b->src, sizeof(a->src)))
		nat->changed |= NAT_SRC;
	if (memcmp(&a->dst, &b->dst, sizeof(a->dst)))
		nat->changed |= NAT_DST;
	if (a->sport != b->sport)
		nat->changed |= NAT_SPORT;
	if (a->dport != b->dport)
		nat->changed |= NAT_DPORT;
	return nat->changed;
}

/* struct text - a bounded buffer that remembers how much it would have needed */
struct text {
	char *buf;
	size_t cap, n;
};

static void text_add(struct text *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++, t->n++)
		if (t->n < t->cap)
			t->buf[t->n] = s.p[i];
}

static void hop_text(const struct model *m, struct text *t, const struct path_hop *ph)
{
	const struct step *s = ph->step;
	char number[32];

	if (s->kind == HOP_LOG && !s->table) {
		text_add(t, STR("log"));
		return;
	}
	text_add(t, sym_text(m->syms, s->table));
	text_add(t, STR(":"));
	text_add(t, sym_text(m->syms, s->chain));
	text_add(t, STR(":"));
	text_add(t, str_from(hop_kind_name(s->kind)));
	if (s->have & STEP_RULE) {
		snprintf(number, sizeof(number), ":%" PRIu32, s->rule);
		text_add(t, str_from(number));
	} else if (s->have & STEP_HANDLE) {
		snprintf(number, sizeof(number), ":#%" PRIu64, s->handle);
		text_add(t, str_from(number));
	}
}

size_t model_path_text(const struct model *m, uint32_t path, char *buf, size_t n)
{
	struct text t = { buf, n, 0 };

	for (size_t i = 0; i < paths_length(m->paths, path); i++) {
		struct path_hop ph = paths_hop(m->paths, path, i);

		if (i)
			text_add(&t, STR(" "));
		hop_text(m, &t, &ph);
	}
	return t.n;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

bool hop_known_by_text(const struct hop_view *hop)
{
	return hop->kind == HOP_RULE && !hop->rule && !hop->handle && hop->text.n;
}

/* formats.md 2.3: a legacy policy:N or return:N may be an unconditional rule N as well. */
static size_t end_of_chain(const struct hop_view *hop, const char *word, char *buf, size_t n)
{
	if (hop->rule && hop->by != BY_RULESET && hop->by != BY_TRACE)
		return (size_t)snprintf(buf, n, "%s or rule %u", word, hop->rule);
	return (size_t)snprintf(buf, n, "%s", word);
}

size_t hop_rule(const struct hop_view *hop, char *buf, size_t n)
{
	if (hop->kind == HOP_LOG)
		return (size_t)snprintf(buf, n, "LOG");
	if (hop->kind == HOP_POLICY)
		return end_of_chain(hop, "policy", buf, n);
	/* the end of a chain ends no packet */
	if (hop->kind == HOP_RETURN && !(hop->rule && verdict_reach(hop->verdict) == REACH_PACKET))
		return end_of_chain(hop, "end", buf, n);
	if (hop->rule)
		return (size_t)snprintf(buf, n, "rule %u", hop->rule);
	if (hop->handle)
		return (size_t)snprintf(buf, n, "handle %llu", (unsigned long long)hop->handle);
	return (size_t)snprintf(buf, n, "a rule");
}

const char *quote_for(struct str text)
{
	return str_has(text, STR("\"")) ? "'" : "\"";
}

static bool known_by_prefix(const struct hop_view *hop)
{
	return hop->kind == HOP_LOG && !hop->chain.n;
}

bool hop_only_logs(const struct hop_view *hop)
{
	const struct rule *rule = hop->meaning ? hop->meaning->rule : NULL;

	return known_by_prefix(hop) ||
	       (hop->kind == HOP_LOG && rule && verdict_reach(rule->verdict) == REACH_RULE &&
		!(rule->flags & RULE_LOG_ENDS));
}

size_t hop_logged(const struct hop_view *hop, char *buf, size_t n)
{
	char place[512];

	if (known_by_prefix(hop))
		return (size_t)snprintf(buf, n, "logged with \"%.*s\"", STR_ARG(hop->prefix));
	hop_place(hop, place, sizeof(place));
	return (size_t)snprintf(buf, n, "logged by %s", place);
}

size_t hop_place(const struct hop_view *hop, char *buf, size_t n)
{
	char rule[48];

	if (known_by_prefix(hop))
		return (size_t)snprintf(buf, n, "the rule that logs \"%.*s\"",
					STR_ARG(hop->prefix));
	if (hop_known_by_text(hop))
		return (size_t)snprintf(buf, n, "%.*s%s%.*s%s%.*s%s%s%.*s%s", STR_ARG(hop->apart),
					hop->apart.n ? " " : "", STR_ARG(hop->table),
					hop->table.n ? " " : "", STR_ARG(hop->chain),
					hop->chain.n ? " " : "", quote_for(hop->text),
					STR_ARG(hop->text), quote_for(hop->text));
	if (hop->kind != HOP_LOG)
		hop_rule(hop, rule, sizeof(rule));
	else
		snprintf(rule, sizeof(rule), "rule %u", hop->rule);
	if (hop->kind == HOP_LOG && !hop->rule) /* a prefix names the chain */
		return (size_t)snprintf(buf, n, "a rule of %.*s %.*s", STR_ARG(hop->table),
					STR_ARG(hop->chain));
	return (size_t)snprintf(buf, n, "%.*s%s%.*s%s%.*s%s%s", STR_ARG(hop->apart),
				hop->apart.n ? " " : "", STR_ARG(hop->table),
				hop->table.n ? " " : "", STR_ARG(hop->chain),
				hop->chain.n ? " " : "", rule);
}

int hop_compare_rule(const struct hop_view *a, const struct hop_view *b)
{
	int c = compare(a->family, b->family);

	c = c ? c : str_compare(a->table, b->table);
	c = c ? c : str_compare(a->chain, b->chain);
	c = c ? c : compare(a->kind, b->kind);
	c = c ? c : compare(a->rule, b->rule);
	c = c ? c : compare(a->handle, b->handle);
	if (known_by_prefix(a))
		return c ? c : str_compare(a->prefix, b->prefix);
	return c || !hop_known_by_text(a) ? c : str_compare(a->text, b->text);
}
