// SPDX-License-Identifier: GPL-2.0-or-later
/* text_packet.c - one block a packet (-b packet) */
#include "text.h"

#include "nfhop/format.h"

static void put_nat(struct writer *writer, const struct model *model, const struct packet *packet)
{
	struct nat nat;

	if (!model_packet_nat(model, packet, &nat))
		return;
	writer_to(writer, TEXT_INDENT);
	writer_word(writer, "Translated to ");
	text_endpoints(writer,
		       &(struct endpoints){
			       nat.changed & NAT_SRC ? nat.ends->src : packet->first.src,
			       nat.changed & NAT_DST ? nat.ends->dst : packet->first.dst,
			       nat.changed & NAT_SPORT ? nat.ends->sport : packet->first.sport,
			       nat.changed & NAT_DPORT ? nat.ends->dport : packet->first.dport,
		       },
		       packet->first.have & HEADER_PORTS);
	writer_word(writer, ".");
	writer_line(writer);
}

static void put_when(struct writer *writer, const struct packet *packet)
{
	const struct stamp *stamp = packet->n_hops ? &packet->hops[0].stamp : NULL;

	if (!stamp || !(stamp->have & (STAMP_WALL | STAMP_UP)))
		return;
	writer_word(writer, "   ");
	writer_role(writer, ROLE_DIM);
	if (stamp->have & STAMP_WALL)
		text_span(writer, stamp, stamp);
	else
		writer_format(writer, "%s %s", format_uptime(stamp).s, format_since(stamp));
	writer_role(writer, ROLE_PLAIN);
}

static void put_number(struct writer *writer, const struct flow *flow, const struct packet *packet)
{
	writer_to(writer, TEXT_INDENT);
	writer_word(writer, "Packet ");
	writer_number(writer, packet->no);
	if (flow) {
		writer_word(writer, " of flow ");
		writer_number(writer, flow->no);
	}
	put_when(writer, packet);
	writer_line(writer);
}

void say_packet(struct writer *writer, struct report *report, const struct model *model,
		const struct packet *packet)
{
	struct way way = { model_flow_of(model, packet), packet->path, packet };
	struct decision d;

	model_decide(model, packet, &d);
	if (report->n++)
		writer_line(writer);
	writer_begin(writer, SECTION_CASE, glyph_kind(outcome_glyph(d.outcome)));
	writer_begin(writer, SECTION_HEADLINE, "");
	text_mark(writer, outcome_glyph(d.outcome));
	writer_to(writer, TEXT_INDENT);
	writer_role(writer, ROLE_BOLD);
	text_host(writer, model, packet->host);
	text_header(writer, &packet->first);
	writer_role(writer, ROLE_PLAIN);
	text_details(writer, &packet->first);
	writer_word(writer, "   ");
	text_outcome(writer, model, &way, &d);
	writer_line(writer);
	writer_end(writer, SECTION_HEADLINE);
	put_nat(writer, model, packet);
	put_number(writer, way.flow, packet);
	writer_to(writer, TEXT_INDENT);
	text_sure(writer, model, packet->path, &d);
	writer_line(writer);
	text_way(writer, model, &way, &d);
	writer_end(writer, SECTION_CASE);
}

void text_packet(struct report *report, const struct model *model, const struct packet *packet)
{
	struct writer writer = text_writer(report);

	say_packet(&writer, report, model, packet);
}
