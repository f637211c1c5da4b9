/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reason.c - one sentence for why a conclusion is what it is */
#include "reason.h"

#include "model.h"

#include <inttypes.h>
#include <stdio.h>

#include "nfhop/own.h"

/* Number of the hop that the decision speaks of; the path's length if it has none. */
static size_t last_hop(const struct model *m, uint32_t path, const struct decision *d)
{
	size_t n = paths_length(m->paths, path), last = n;

	if (d->stop >= 0)
		return (size_t)d->stop;
	for (size_t i = 0; i < n; i++)
		if (last == n || paths_hop(m->paths, path, i).step->kind != HOP_LOG)
			last = i;
	return last;
}

static const char *title(enum hook hook)
{
	return hook ? hook_title(hook) : "a hook that is not known";
}

/* What --trace put there is no part of the packet's way: the hook is. */
static bool is_own_hop(const struct model *m, uint32_t path, size_t i)
{
	const struct step *s;

	if (i >= paths_length(m->paths, path))
		return false;
	s = paths_hop(m->paths, path, i).step;
	return is_own_table(s->family, sym_text(m->syms, s->table));
}

static void say_place(const struct model *m, uint32_t path, size_t i, char *buf, size_t n)
{
	struct hop_view hop = { .kind = HOP_LOG };

	if (i < paths_length(m->paths, path))
		model_path_step(m, path, i, &hop);
	if (hop.kind == HOP_LOG)
		snprintf(buf, n, "a LOG line");
	else if (is_own_hop(m, path, i))
		snprintf(buf, n, "%s", title(hop.hook));
	else
		hop_place(&hop, buf, n);
}

static const char *const passed_words[OUTCOME_MAX] = {
	[OUTCOME_FORWARDED] = "it left for another host",
	[OUTCOME_DELIVERED] = "it was handed to this host's own sockets",
	[OUTCOME_SENT] = "it left this host",
};

static const char *const ended_words[OUTCOME_MAX] = {
	[OUTCOME_DROPPED] = "drops it",
	[OUTCOME_REJECTED] = "rejects it",
};

/* What the hop that ended it does. */
static const char *ends_words(const struct model *m, uint32_t path, size_t i,
			      const struct decision *d)
{
	struct hop_view hop;

	if (d->outcome != OUTCOME_QUEUED)
		return ended_words[d->outcome];
	model_path_step(m, path, i, &hop);
	return taking_of(hop.verdict, hop.text)->does;
}

static bool is_bridged(const struct model *m, uint32_t path, size_t i)
{
	return i < paths_length(m->paths, path) &&
	       paths_hop(m->paths, path, i).step->family == FAMILY_BRIDGE;
}

/* May IP have taken it up behind that hop, told of as another packet (trace/bridge.c)? */
static bool may_go_up(const struct model *m, uint32_t path, size_t last, const struct decision *d)
{
	const struct step *s;

	if (!is_bridged(m, path, last) || outcome_stops(d->outcome))
		return false;
	s = paths_hop(m->paths, path, last).step;
	return (s->have & STEP_NFT) && s->hook == HOOK_PREROUTING;
}

/*
 * Of a frame for several ports a bridge makes copies, whose trace goes on under ids of their own. A
 * trace that is switched on where they begin begins with the rule that does it.
 */
static bool is_copy(const struct model *m, uint32_t path, const struct decision *d)
{
	struct path_hop first;
	struct str rule;

	if (!d->late || m->n_gaps)
		return false;
	first = paths_hop(m->paths, path, 0);
	rule = first.meaning->rule ? first.meaning->rule->text
				   : sym_text(m->syms, first.step->text);
	return first.step->kind != HOP_RULE ||
	       (rule.n && !(rule_flags(first.meaning->rule, rule) & RULE_SETS_TRACE));
}

static int say_last_table(char *buf, size_t n, const struct decision *d, const char *place,
			  bool own)
{
	return snprintf(buf, n, "%s was the last %s that it can have: %s.", place,
			own ? "hook" : "hop",
			passed_words[d->outcome] ? passed_words[d->outcome] : "its way is over");
}

static int say_missing_table(char *buf, size_t n, const struct decision *d, const char *place)
{
	return snprintf(buf, n,
			"%s was the last hop; had it been accepted, table %s would have been seen "
			"at %s.",
			place, table_name((enum table_no)d->missing_table), title(d->missing_hook));
}

static int say_only_logged(char *buf, size_t n, const struct decision *d)
{
	if (!d->at)
		return snprintf(buf, n, "It was only logged; its further way was not traced.");
	return snprintf(buf, n, "It was only logged, at %s; its further way was not traced.",
			title(d->at));
}

/* One row a reason: what to print with the place of the last hop (%s), or NULL: see below. */
static const char *const sentences[REASON_MAX] = {
	[REASON_NONE] = "Nothing is known of it.",
	[REASON_GAP] =
		"Events were lost or broken right after its last hop, %s: what came next is not "
		"known.",
	[REASON_MID_GAP] =
		"Events were lost or broken before its last hop, %s: who called that chain is not "
		"known.",
	[REASON_CUT] = "The input ends right after its last hop, %s: more may have been under way.",
	[REASON_MUST_GO_ON] =
		"By the rule set evaluation goes on behind %s, but no hop follows: lines "
		"are missing, or this is not the rule set that was loaded.",
	[REASON_HANDED_UP] =
		"%s was the last hop that a bridge has: it was handed up to the bridge's own "
		"device. What IP did with it has another trace id: it is told of as another "
		"packet, if at all.",
	[REASON_REDIRECTED] =
		"%s was the last hop that it can have before it is routed again: it is "
		"redirected to this host and comes back in by lo, told of as another packet.",
	[REASON_LAST_UNKNOWN] = "Its last hop is %s; whether that accepted or dropped it cannot be "
				"seen from the log. Give the rule set with -r.",
	[REASON_ROUTING] = "%s accepted it, and no later hook saw it: routing, a filter of the "
			   "kernel or forwarding being off ended it, not a rule.",
	[REASON_SILENT_LEGACY] =
		"Its last hop is %s; legacy iptables has rules behind it, whose trace "
		"is not seen: they may have ended it.",
	[REASON_SILENT_NFT] =
		"Its last hop is %s; nftables has rules behind it, whose trace is not "
		"seen: they may have ended it.",
	[REASON_NOT_TRACED] = "Its last hop is %s; nothing later on this host is being traced.",
	[REASON_MAY_BE_UNSEEN] =
		"Its last hop is %s; of the hooks that may come next not every one "
		"is being traced, so it may have gone on unseen.",
	[REASON_PERHAPS_NAT] =
		"%s accepted it. Others were seen at a later hook, but a nat chain sees "
		"first packets only. Give the rule set with -r.",
	[REASON_NEXT_HOP] = "%s accepted it, behind every rule; then its next hop did not answer "
			    "(ARP, ND), so it did not leave.",
	[REASON_NAT_TAKEN] =
		"%s accepted it, behind every rule; but it had been translated to an address and "
		"port that another connection has, so conntrack does not confirm it and drops it.",
	[REASON_NO_HEADERS] =
		"Its last hop is %s, and no line shows its headers: which chains it would have "
		"met next is not known.",
	[REASON_NO_START] =
		"It left, its last hop is %s, but its beginning is missing: whether it was "
		"made here or came in is not known.",
	[REASON_NO_HOOK] =
		"Its last hop is %s; the log does not tell at which hook that was. Give the "
		"rule set with -r.",
	[REASON_CT_FULL] = "%s was its last hop, and the kernel said just then that the connection "
			   "table is full.",
	[REASON_FRAGMENT] = "It is a fragment and may wait for the others after %s.",
	[REASON_SHORT] = "Its headers were cut, so a match may have dropped it without a line "
			 "after %s.",
	[REASON_AMBIGUOUS] = "Its hops cannot be told from those of an equal packet with certainty "
			     "(last seen: %s).",
};

static int say_answered(char *buf, size_t n, const struct decision *d, const char *place)
{
	if (d->outcome == OUTCOME_LOST)
		return snprintf(buf, n,
				"%s was its last hop; the kernel answered it with an error "
				"before a later hook saw it.",
				place);
	return snprintf(buf, n,
			"%s was its last hop, and this host sent an error or a reset in "
			"answer right then.",
			place);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the rows above hold one %s or none */
static int say_row(char *buf, size_t n, enum reason reason, const char *place)
{
	return snprintf(buf, n, sentences[reason] ? sentences[reason] : sentences[REASON_NONE],
			place);
}
#pragma GCC diagnostic pop

/* @known: the rule set tells which rule that is, and its verdict hangs on more than that */
static void say_routing_or_rule(char *buf, size_t n, const struct decision *d, const char *place,
				bool known)
{
	snprintf(buf, n, "Its last hop is %s, and no later hook saw it: either that %s.%s", place,
		 d->at != HOOK_OUTPUT ? "rule dropped it, or routing did"
				      : "dropped it, or it was routed again, since its mark or "
					"TOS was changed, and had no route",
		 known ? "" : " Give the rule set with -r.");
}

/* The tool whose rules may have ended what was traced to hop @last, unheard; or "" */
static const char *unheard_rules(const struct model *m, uint32_t path, size_t last)
{
	const struct evidence *now = evidence_now(m);
	bool nft = false, legacy = false;

	for (size_t i = 0; i <= last; i++) {
		const struct step *s = paths_hop(m->paths, path, i).step;

		nft |= step_was_traced(s) && (s->have & STEP_NFT);
		legacy |= step_was_traced(s) && !(s->have & STEP_NFT);
	}
	if (nft == legacy)
		return "";
	if (legacy)
		return "a rule of nftables, which these lines do not tell of, or ";
	return now && !now->legacy4 && !now->legacy6
		       ? ""
		       : "a rule of legacy iptables, which nft's trace does not tell of, or ";
}

/* It was routed before that. */
static void say_forward(const struct model *m, uint32_t path, size_t last, const char *place,
			char *buf, size_t n)
{
	const char *others = unheard_rules(m, path, last);

	snprintf(buf, n,
		 "%s accepted it, and no later hook saw it: %sa filter of the kernel ended "
		 "it%s.",
		 place, others, *others ? "" : ", not a rule");
}

static void say_routing(char *buf, size_t n, const struct decision *d, const char *place,
			bool bridged)
{
	if (bridged)
		snprintf(buf, n,
			 "%s accepted it, and no later hook of the bridge saw it: the bridge "
			 "ended it, not a rule (it is for the port it came in by, or a port or "
			 "VLAN does not let it through).",
			 place);
	else if (d->lost_after == HOOK_OUTPUT)
		snprintf(buf, n,
			 "%s accepted it, and no later hook saw it: routing or a filter of the "
			 "kernel ended it, not a rule.",
			 place);
	else
		say_row(buf, n, d->reason, place);
}

/* What else is told of the frame stands as packets of their own. */
static void say_beside(const struct model *m, uint32_t path, size_t last, const struct decision *d,
		       char *buf, size_t n)
{
	size_t used = strlen(buf);

	if (may_go_up(m, path, last, d))
		snprintf(buf + used, n - used,
			 " If the bridge handed it up, it has another trace id in IP: that is told "
			 "of as another packet.");
	else if (is_copy(m, path, d))
		snprintf(buf + used, n - used,
			 " Most likely it is the copy for one port: the frame that the bridge made "
			 "it of is told of as another packet.");
}

struct str model_reason(const struct model *m, uint32_t path, const struct decision *d, char *buf,
			size_t n)
{
	size_t last = last_hop(m, path, d);
	struct hop_view hop;
	char place[256];

	say_place(m, path, last, place, sizeof(place));
	switch (d->reason) {
	case REASON_ONLY_LOGGED:
		say_only_logged(buf, n, d);
		break;
	case REASON_BEHIND_LOG:
	case REASON_BEHIND_PASSES:
	case REASON_BEHIND_DOUBT:
	case REASON_BEHIND_APART:
		say_behind(m, path, d, buf, n);
		break;
	case REASON_LAST_TABLE:
		say_last_table(buf, n, d, place, is_own_hop(m, path, last));
		break;
	case REASON_TABLE_MISSING:
		say_missing_table(buf, n, d, place);
		break;
	case REASON_HOOK_MISSING:
		snprintf(buf, n,
			 "%s was the last hop; had it been accepted, %s would have followed.",
			 place, title(d->missing_hook));
		break;
	case REASON_PREFIX:
		snprintf(buf, n, "The prefix of its LOG line says so, as %.*s writes it.",
			 STR_ARG(sym_text(m->syms,
					  paths_hop(m->paths, path, last).name->convention)));
		break;
	case REASON_LOG_RULE:
		model_path_step(m, path, last, &hop);
		hop_place(&hop, place, sizeof(place));
		snprintf(buf, n, "%s has the prefix of its LOG line, and %s.", place,
			 ends_words(m, path, last, d));
		break;
	case REASON_STATED_DROP:
		snprintf(buf, n, "%s %s, by the rule set; nft's trace calls that a drop.", place,
			 ended_words[d->outcome]);
		break;
	case REASON_STATED:
	case REASON_RULESET:
		snprintf(buf, n, "%s %s, %s.", place, ends_words(m, path, last, d),
			 d->reason == REASON_STATED ? "as the trace says" : "by the rule set");
		break;
	case REASON_ANSWERED:
		say_answered(buf, n, d, place);
		break;
	case REASON_ROUTING_OR_RULE:
		say_routing_or_rule(buf, n, d, place,
				    paths_hop(m->paths, path, last).meaning->rule);
		break;
	case REASON_ROUTING:
		if (d->lost_after == HOOK_FORWARD && !is_bridged(m, path, last)) {
			say_forward(m, path, last, place, buf, n);
			break;
		}
		say_routing(buf, n, d, place, is_bridged(m, path, last));
		break;
	default:
		say_row(buf, n, d->reason, place);
	}
	say_beside(m, path, last, d, buf, n);
	return str_from(buf);
}
