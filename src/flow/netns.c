/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.c - kernel lines of other network namespaces than the traced one
 *
 * Theory of Operation
 *
 * The kernel log is one for all network namespaces, and its lines do not say of which they are.
 * Those of the initial one are always printed, those of others if nf_log_all_netns is 1
 * (formats.md 0). So whoever listens in one namespace hears others, too. What can be known:
 *
 * - where the others are not printed, all lines are of the initial one;
 * - a device that the traced one does not have is another's, and so is every hop of its packet;
 * - so is a packet that met rules which those of the traced one, that were read of the kernel and
 *   did not change, cannot be.
 *
 * The kernel's own complaints are always printed, those of all namespaces; of the ones that name a
 * device that the traced one does not have the same is known.
 *
 * Equal names of devices (eth0, lo) leave it open. That is always said, and rules of the rule set
 * are no longer sure then. What nft itself tells is of the traced namespace alone, and so are the
 * lines that are put to it.
 */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>

/* Only the lines of the initial namespace are printed, and it is not the traced one. */
static bool hears_initial_only(const struct evidence *e)
{
	return e->initial == SWITCH_OFF && e->all_netns == SWITCH_OFF;
}

/* Devices come and go while packets are traced. */
static bool is_missing(const struct model *m, struct str device)
{
	return device.n && evidence_has_device(m->before, device) == SWITCH_OFF &&
	       (!m->after || evidence_has_device(m->after, device) == SWITCH_OFF);
}

unsigned int netns_bits(struct model *m, const struct record *rec, const struct event *ev)
{
	const struct evidence *e = evidence_now(m);
	struct str device;

	if (!e || !m->before || !rec->when_ns || rec->kind > RECORD_JSON || ev->kind != EVENT_HOP ||
	    (ev->have & EVENT_TRACE_ID) || (e->initial != SWITCH_OFF && e->all_netns != SWITCH_ON))
		return 0;
	if (hears_initial_only(e))
		return EVENT_ELSEWHERE;
	device = is_missing(m, ev->iif) ? ev->iif : ev->oif;
	if (!is_missing(m, device))
		return EVENT_UNTOLD;
	if (!m->elsewhere)
		m->elsewhere = sym_intern(m->syms, device);
	return EVENT_ELSEWHERE;
}

/* By the rule set the hop cannot be, or its rule cannot have matched the packet. */
static bool cannot_be(const struct model *m, const struct packet *p, size_t i)
{
	const struct hop_meaning *meaning = paths_meaning_at(m->paths, p->hops[i].step);
	const struct step *s = paths_step_at(m->paths, p->hops[i].step);

	return step_was_traced(s) &&
	       (misfit_proves(meaning->misfit) ||
		(meaning->rule && packet_rule_match(m, p, i, meaning->rule, 0, NULL) == MATCH_NO));
}

bool netns_rules_deny(const struct model *m, const struct packet *p)
{
	const unsigned int doubtful = PACKET_AMBIGUOUS | PACKET_STALE | PACKET_MID_GAP;

	if (m->n_sets != 1 || (p->flags & doubtful))
		return false;
	for (size_t i = 0; i < p->n_hops; i++)
		if (cannot_be(m, p, i))
			return true;
	return false;
}

uint64_t netns_named(struct str text)
{
	const struct str in = STR(" in netns ");
	uint64_t inode = 0;

	text = str_skip(text, str_find(text, in));
	for (text = str_skip(text, in.n); text.n && *text.p >= '0' && *text.p <= '9';
	     text = str_skip(text, 1))
		inode = inode * 10 + (uint64_t)(*text.p - '0');
	return inode;
}

bool netns_is_other(const struct model *m, struct str text)
{
	uint64_t named = netns_named(text);

	return m->before && m->before->inode && named && named != m->before->inode;
}

bool netns_note_elsewhere(const struct model *m, const struct note *note)
{
	return m->before && note->live &&
	       (is_missing(m, sym_text(m->syms, note->dev)) ||
		netns_is_other(m, sym_text(m->syms, note->text)));
}

/* The number of the traced one is known, and the line names it. */
static bool names_this(const struct model *m, const struct note *note)
{
	return m->before->inode && netns_named(sym_text(m->syms, note->text)) == m->before->inode;
}

static bool is_end(const struct flow *flow, const struct addr *addr)
{
	return !memcmp(addr, &flow->there.ends.src, sizeof(*addr)) ||
	       !memcmp(addr, &flow->there.ends.dst, sizeof(*addr));
}

/* Packets that were traced here have both addresses, and came in by the device that it names. */
static bool names_traced(const struct model *m, const struct note *note)
{
	for (size_t i = 0; note->dev && i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		if (flow && (flow->iif[0] == note->dev || flow->iif[1] == note->dev) &&
		    is_end(flow, &note->addr[0]) && is_end(flow, &note->addr[1]))
			return true;
	}
	return false;
}

bool netns_note_untold(const struct model *m, const struct note *note)
{
	return m->before && note->live && m->before->initial == SWITCH_OFF &&
	       note->kind != NOTE_NEIGHBOUR_OVERFLOW && !names_this(m, note) &&
	       !names_traced(m, note);
}

bool netns_told(const struct model *m, uint32_t path)
{
	size_t n = paths_length(m->paths, path);

	for (size_t i = 0; i < n; i++) {
		const struct step *s = paths_hop(m->paths, path, i).step;

		if (step_was_traced(s) && (s->have & STEP_NFT))
			return true;
	}
	return false;
}

static struct str say_left_out(const struct model *m)
{
	struct str device = sym_text(m->syms, m->elsewhere);
	uint64_t n = m->stats.elsewhere;

	if (!n)
		return text("The kernel log does not say which network namespace a line is of, and "
			    "it has those of all (nf_log_all_netns is 1)");
	if (hears_initial_only(evidence_now(m)))
		return text("%" PRIu64 " packet%s of the initial network namespace: the kernel log "
			    "has no lines of this one (nf_log_all_netns was 0). Left out",
			    n, n == 1 ? " is" : "s are");
	return text("%" PRIu64 " packet%s of other network namespaces, by %s that this one does "
		    "not have%s%.*s%s. Left out; but the kernel log does not say which one a line "
		    "is of",
		    n, n == 1 ? " is" : "s are",
		    !device.n	     ? "rules"
		    : m->other_rules ? "devices or rules"
				     : "devices",
		    device.n ? " (" : "", STR_ARG(device), device.n ? ")" : "");
}

int draw_other_netns(struct model *m, const struct finding_row *row)
{
	struct str said;
	struct finding *f;

	if (!m->stats.elsewhere && !m->untold)
		return 0;
	said = say_left_out(m);
	f = finding_add(m, row,
			m->untold ? text("%.*s: legacy TRACE and LOG lines with devices that are "
					 "here, too, may be another's, which has other rules.",
					 STR_ARG(said))
				  : text("%.*s.", STR_ARG(said)));
	text_free(said);
	if (!f)
		return -ENOMEM;
	f->caveat = m->stats.elsewhere || m->wrong_rules;
	return 0;
}
