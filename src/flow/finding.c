/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding.c - what an expert would say: a table of findings, each drawn from the model */
#include "model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/addr.h"

#define ONE_KIND_MAX 16 /* findings of one kind; the last one counts the rest */

struct row {
	const char *id;
	enum severity severity;
	int (*draw)(struct model *m, const struct row *row);
};

__attribute__((format(printf, 1, 2))) static struct str text(const char *format, ...)
{
	struct str s = { NULL, 0 };
	char *buf = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&buf, format, args);
	va_end(args);
	if (n >= 0)
		s = (struct str){ buf, (size_t)n };
	return s;
}

static struct finding *finding_add(struct model *m, const struct row *row, struct str sentence)
{
	struct finding *f;

	if (m->n_findings == m->cap_findings) {
		size_t cap = m->cap_findings ? m->cap_findings * 2 : 16;

		f = realloc(m->findings, cap * sizeof(*f));
		if (!f) {
			free((char *)sentence.p);
			return NULL;
		}
		m->findings = f;
		m->cap_findings = cap;
	}
	f = &m->findings[m->n_findings++];
	*f = (struct finding){ .id = row->id, .severity = row->severity, .text = sentence };
	return f;
}

static void evidence(struct finding *f, struct str s)
{
	if (f->n_evidence < FINDING_LINES)
		f->evidence[f->n_evidence++] = s;
	else
		free((char *)s.p);
}

static void confirm(struct finding *f, struct str s)
{
	if (f->n_confirm < FINDING_LINES)
		f->confirm[f->n_confirm++] = s;
	else
		free((char *)s.p);
}

static struct str line_evidence(const struct model *m, uint64_t line, sym_t said)
{
	struct str t = sym_text(m->syms, said);

	return text("line %" PRIu64 ": %.*s", line, STR_ARG(t));
}

/* How many packets' conclusions were withdrawn for a loss? */
static uint64_t withdrawn(const struct model *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++)
			if (flow->paths[k].flags & PACKET_GAP)
				n += flow->paths[k].packets;
	}
	return n;
}

/* "at least 7 of them", "how many is not said" */
static struct str how_many(uint64_t lost)
{
	return lost ? text("at least %" PRIu64 " of them", lost) : text("how many is not said");
}

static struct str what_hangs_on_it(uint64_t packets)
{
	if (!packets)
		return text("no packet was on its way then");
	return text("of %" PRIu64 " packet%s it cannot be said what became of %s", packets,
		    packets == 1 ? "" : "s", packets == 1 ? "it" : "them");
}

static int draw_trace_gap(struct model *m, const struct row *row)
{
	struct str lost = how_many(m->stats.lost), packets = what_hangs_on_it(withdrawn(m));
	struct finding *f = NULL;

	if (m->n_gaps)
		f = finding_add(m, row,
				text("Events were lost in %zu place%s, %.*s: %.*s.", m->n_gaps,
				     m->n_gaps == 1 ? "" : "s", STR_ARG(lost), STR_ARG(packets)));
	for (size_t i = 0; f && i < m->n_gaps && i < FINDING_LINES; i++)
		evidence(f, line_evidence(m, m->gaps[i].line, m->gaps[i].text));
	free((char *)lost.p);
	free((char *)packets.p);
	return m->n_gaps && !f ? -ENOMEM : 0;
}

/* The rows that repeat what the kernel itself said; one row a kind of note. */
static const struct note_words {
	const char *id;
	enum note_kind kind;
	const char *sentence;
	const char *confirm;
} note_words[] = {
	{ "conntrack-full", NOTE_CONNTRACK_FULL,
	  "The connection table was full: the kernel dropped packets that began new connections, "
	  "between raw and mangle, and no rule did it.",
	  "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max" },
	{ "syn-flood", NOTE_SYN_FLOOD,
	  "A listening port's SYN queue overflowed: the kernel answered with cookies or dropped "
	  "requests.",
	  "nstat -az TcpExtTCPReqQFullDrop TcpExtTCPReqQFullDoCookies TcpExtListenDrops" },
	{ "martian", NOTE_MARTIAN_SOURCE,
	  "Packets with an impossible source were dropped after PREROUTING: the route back to "
	  "their source does not lead out of the device they came in by (rp_filter), or the "
	  "address cannot come from a wire.",
	  "sysctl net.ipv4.conf.all.rp_filter; ip route get SOURCE" },
	{ "martian", NOTE_MARTIAN_DESTINATION,
	  "Packets with an impossible destination were dropped after PREROUTING.",
	  "ip route get DESTINATION" },
	{ "neighbour-overflow", NOTE_NEIGHBOUR_OVERFLOW,
	  "The neighbour table overflowed: packets to new neighbours were dropped after "
	  "POSTROUTING.",
	  "sysctl net.ipv4.neigh.default.gc_thresh3; ip -s neigh | wc -l" },
};

static int draw_note(struct model *m, const struct row *row, const struct note_words *words)
{
	struct finding *f = NULL;
	uint64_t times = 0;

	for (size_t i = 0; i < m->n_notes; i++) {
		const struct note *note = &m->notes[i];

		if (note->kind != words->kind)
			continue;
		times += note->times;
		if (!f) {
			f = finding_add(m, row, text("%s", words->sentence));
			if (!f)
				return -ENOMEM;
			confirm(f, text("%s", words->confirm));
		}
		evidence(f, line_evidence(m, note->line, note->text));
	}
	if (f && times > f->n_evidence)
		evidence(f, text("said %" PRIu64 " times in all", times));
	return 0;
}

static int draw_notes(struct model *m, const struct row *row)
{
	for (size_t i = 0; i < sizeof(note_words) / sizeof(note_words[0]); i++) {
		int err = 0;

		if (!strcmp(note_words[i].id, row->id))
			err = draw_note(m, row, &note_words[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Why conntrack called it invalid: the prefix of its own line. */
static struct str invalid_because(const struct model *m, uint32_t path)
{
	for (size_t i = 0; i < paths_length(m->paths, path); i++) {
		struct str prefix = sym_text(m->syms, paths_hop(m->paths, path, i).step->prefix);

		if (str_starts(prefix, STR("nf_ct_")))
			return prefix;
	}
	return STR("conntrack does not say why");
}

static struct str flow_name(const struct flow *flow)
{
	struct addr_text src = addr_text(&flow->there.ends.src);
	struct addr_text dst = addr_text(&flow->there.ends.dst);
	const char *proto = ip_proto_name(flow->there.proto);

	if (!flow->there.ports || flow->there.ends.sport == flow->there.ends.dport)
		return text("%s %s → %s", proto ? proto : "", src.s, dst.s);
	return text("%s %s:%u → %s:%u", proto ? proto : "", src.s, flow->there.ends.sport, dst.s,
		    flow->there.ends.dport);
}

static int draw_ct_invalid(struct model *m, const struct row *row)
{
	struct finding *f = NULL;
	uint64_t packets = 0;

	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++) {
			struct str why, name;

			if (!(flow->paths[k].flags & PACKET_CT_INVALID))
				continue;
			packets += flow->paths[k].packets;
			if (!f)
				f = finding_add(m, row, (struct str){ NULL, 0 });
			if (!f)
				return -ENOMEM;
			f->flow = f->flow ? f->flow : flow->no;
			why = invalid_because(m, flow->paths[k].path);
			name = flow_name(flow);
			evidence(f, text("%.*s: %.*s", STR_ARG(name), STR_ARG(why)));
			free((char *)name.p);
		}
	}
	if (!f)
		return 0;
	f->text = text("conntrack called %" PRIu64 " packet%s invalid; rules that match ctstate "
		       "INVALID, or only NEW and ESTABLISHED, treat %s so.",
		       packets, packets == 1 ? "" : "s", packets == 1 ? "it" : "them");
	confirm(f, text("conntrack -S"));
	return f->text.p ? 0 : -ENOMEM;
}

/* The rule that would show the answers to @flow. */
static struct str trace_rule(const struct flow *flow)
{
	struct addr_text far = addr_text(&flow->left.ends.dst);
	const char *proto = ip_proto_name(flow->there.proto);
	const char *tool = flow->there.family == FAMILY_IP6 ? "ip6tables" : "iptables";
	const char *chain = flow->oif[0] ? "PREROUTING" : "OUTPUT";

	if (!proto)
		return text("%s -t raw -A %s -%c %s -j TRACE", tool, chain, 's', far.s);
	return text("%s -t raw -A %s -p %s -s %s -j TRACE", tool, chain,
		    flow->there.proto == 58 ? "icmpv6" : proto, far.s);
}

static bool said_already(const struct model *m, const struct row *row, struct str command)
{
	for (size_t i = 0; i < m->n_findings; i++)
		if (m->findings[i].id == row->id && m->findings[i].n_confirm &&
		    str_eq(m->findings[i].confirm[0], command))
			return true;
	return false;
}

static int draw_one_way(struct model *m, const struct row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < flows_slots(m->flows) && n < ONE_KIND_MAX; i++) {
		const struct flow *flow = flows_at(m->flows, i);
		struct flow_view v;
		struct finding *f;
		struct str command;

		if (!flow)
			continue;
		model_flow_view(m, flow, &v);
		if (v.state != FLOW_ONE_WAY_TRACE)
			continue;
		command = trace_rule(flow);
		if (said_already(m, row, command)) {
			free((char *)command.p);
			continue;
		}
		f = finding_add(m, row,
				text("Only one direction is being traced: nothing can be said of "
				     "answers. This rule would show them."));
		if (!f)
			return -ENOMEM;
		f->flow = flow->no;
		confirm(f, command);
		n++;
	}
	return 0;
}

/* Most important first. */
static const struct row rows[] = {
	{ "conntrack-full", SEVERITY_ERROR, draw_notes },
	{ "neighbour-overflow", SEVERITY_ERROR, draw_notes },
	{ "trace-gap", SEVERITY_WARNING, draw_trace_gap },
	{ "ct-invalid", SEVERITY_WARNING, draw_ct_invalid },
	{ "syn-flood", SEVERITY_WARNING, draw_notes },
	{ "martian", SEVERITY_WARNING, draw_notes },
	{ "one-way-trace", SEVERITY_INFO, draw_one_way },
};

int findings_draw(struct model *m)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int err = rows[i].draw(m, &rows[i]);

		if (err)
			return err;
	}
	return 0;
}

void findings_free(struct model *m)
{
	for (size_t i = 0; i < m->n_findings; i++) {
		struct finding *f = &m->findings[i];

		free((char *)f->text.p);
		for (size_t k = 0; k < f->n_evidence; k++)
			free((char *)f->evidence[k].p);
		for (size_t k = 0; k < f->n_confirm; k++)
			free((char *)f->confirm[k].p);
	}
	free(m->findings);
}

size_t model_finding_count(const struct model *m)
{
	return m->n_findings;
}

const struct finding *model_finding_at(const struct model *m, size_t i)
{
	return i < m->n_findings ? &m->findings[i] : NULL;
}
