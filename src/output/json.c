// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - the whole report as one JSON document, or as one JSON object a line */
#include "json.h"

/* What goes between two objects: nothing but a line end in NDJSON. */
struct stream {
	struct json *json;
	bool lines;
};

/* json_start - the report's own writer; without memory for one it is @spare */
static struct json *json_start(struct report *report, struct json *spare)
{
	if (!report->state)
		report->state = json_create(report->out);
	if (report->state)
		return report->state;
	*spare = (struct json){ .out = report->out };
	return spare;
}

static const char *const gap_names[GAP_KIND_MAX] = {
	[GAP_SYSLOG] = "syslog",   [GAP_JOURNAL] = "journal", [GAP_SEQUENCE] = "sequence",
	[GAP_MONITOR] = "monitor", [GAP_SOCKET] = "socket",
};

/* The word for the protocol; ICMP ids stand where ports would, but are none. */
static void put_tuple(struct json *json, const struct tuple *tuple)
{
	bool known = tuple->family != FAMILY_NONE;
	bool ports = tuple->ports && tuple->proto != 1 && tuple->proto != 58;
	struct text proto = format_proto(tuple->proto);

	json_word(json, "proto",
		  tuple->family == FAMILY_ARP ? "arp"
		  : tuple->known	      ? proto.s
					      : NULL);
	json_addr(json, "src", known, &tuple->ends.src);
	json_fact(json, "sport", ports, tuple->ends.sport);
	json_addr(json, "dst", known, &tuple->ends.dst);
	json_fact(json, "dport", ports, tuple->ends.dport);
}

/* struct way - a path that a flow took, and what became of its packets */
struct way {
	const struct model *model;
	const struct flow_path *fp;
	struct decision d;
};

static void put_way(struct json *json, const void *who)
{
	const struct way *way = who;

	json_open(json, NULL, '{');
	json_path(json, way->model, way->fp->path);
	json_word(json, "direction", way->fp->back ? "back" : "there");
	json_field(json, "packets", true, JSON_FIELD(way->fp->packets));
	json_word(json, "outcome", outcome_name(way->d.outcome));
	json_stop(json, way->model, way->fp->path, &way->d);
	json_close(json, '}');
}

static void put_paths(struct json *json, const struct model *model, const struct flow *flow)
{
	struct json_alike alike;

	json_open(json, "paths", '[');
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct way way = { model, fp, { .stop = -1 } };

		model_decide_path(model, flow, fp, &way.d);
		alike.key[0] = (uint64_t)JSON_FLOW_PATH << 56 | (uint64_t)fp->back << 32 | fp->path;
		alike.key[1] = (uint64_t)way.d.outcome << 32 | (uint32_t)way.d.stop;
		alike.n = 2;
		memset(alike.parts, 0, sizeof(alike.parts));
		alike.parts[0] = (struct json_part){ fp, sizeof(*fp) };
		alike.put = put_way;
		alike.who = &way;
		json_alike(json, &alike);
	}
	json_close(json, ']');
}

static void put_flow(struct json *json, const struct model *model, const struct flow *flow)
{
	struct flow_view view;

	model_flow_view(model, flow, &view);
	json_open(json, NULL, '{');
	json_word(json, "type", "flow");
	json_uint(json, "no", flow->no);
	put_tuple(json, &flow->there);
	json_nat(json, view.nat.changed ? &view.nat : NULL);
	json_open(json, "packets", '[');
	json_uint(json, NULL, flow->packets[0]);
	json_uint(json, NULL, flow->packets[1]);
	json_close(json, ']');
	json_time(json, "first", &flow->first);
	json_time(json, "last", &flow->last);
	json_word(json, "outcome", outcome_name(view.decision.outcome));
	json_stop(json, model, view.newest ? view.newest->path : 0, &view.decision);
	json_word(json, "state", flow_state_name(view.state));
	put_paths(json, model, flow);
	json_close(json, '}');
}

static void put_list(struct json *json, const char *key, const struct str *list, size_t n)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < n; i++)
		json_put_string(json, NULL, list[i]);
	json_close(json, ']');
}

static void put_finding(struct json *json, const struct finding *finding)
{
	json_open(json, NULL, '{');
	json_word(json, "type", "finding");
	json_word(json, "id", finding->id);
	json_word(json, "severity", severity_name(finding->severity));
	json_nonzero(json, "flow", finding->flow);
	json_open(json, "packets", '[');
	for (size_t i = 0; i < finding->n_packets && i < FINDING_PACKETS; i++)
		json_uint(json, NULL, finding->packets[i]);
	json_close(json, ']');
	json_put_string(json, "text", finding->text);
	put_list(json, "evidence", finding->evidence, finding->n_evidence);
	put_list(json, "confirm", finding->confirm, finding->n_confirm);
	json_close(json, '}');
}

static void put_gaps(struct json *json, const struct report *report, const struct model *model)
{
	json_open(json, "gaps", '[');
	for (size_t i = 0; i < model_gap_count(model); i++) {
		const struct gap *gap = model_gap_at(model, i);
		bool named = gap->source < report->n_names;

		json_open(json, NULL, '{');
		json_word(json, "kind", gap_names[gap->kind]);
		json_word(json, "source", named ? report->names[gap->source] : NULL);
		json_nonzero(json, "line", gap->line);
		json_time(json, "time", &gap->stamp);
		json_uptime(json, "uptime", &gap->stamp);
		json_nonzero(json, "lost", gap->lost);
		json_put_string(json, "text", model_text(model, gap->text));
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_seconds(struct json *json, const struct report *report)
{
	char digits[32];

	if (report->seconds < 0) {
		json_null(json, "seconds");
		return;
	}
	snprintf(digits, sizeof(digits), "%.3f", report->seconds);
	json_number(json, "seconds", digits);
}

static void put_stats(struct json *json, const struct report *report, const struct model *model)
{
	const struct stats *stats = model_stats(model);

	json_open(json, NULL, '{');
	json_word(json, "type", "stats");
	json_uint(json, "bytes", stats->bytes);
	json_uint(json, "lines", stats->lines);
	json_uint(json, "events", stats->events);
	json_uint(json, "other_lines", stats->other_lines);
	json_uint(json, "malformed", stats->malformed);
	json_uint(json, "lost", stats->lost);
	put_gaps(json, report, model);
	json_uint(json, "packets", stats->packets);
	json_uint(json, "flows", stats->flows);
	json_uint(json, "split_ids", stats->split_ids);
	json_uint(json, "ambiguous", stats->ambiguous);
	put_seconds(json, report);
	json_close(json, '}');
}

static void put_filter(struct json *json, const struct report *report, const struct model *model)
{
	uint64_t packets, flows;

	model_count_shown(model, &packets, &flows);
	json_open(json, NULL, '{');
	json_word(json, "type", "filter");
	json_put_string(json, "where", str_from(report->where));
	json_uint(json, "packets", packets);
	json_uint(json, "flows", flows);
	json_close(json, '}');
}

/* One object a line in both forms, so that a document can be read with line tools too. */
static void put_separator(struct stream *stream)
{
	if (!stream->lines && stream->json->comma)
		json_raw(stream->json, ",");
	stream->json->comma = false;
	if (!stream->lines)
		json_raw(stream->json, "\n");
}

static void end_object(struct stream *stream)
{
	if (stream->lines)
		json_raw(stream->json, "\n");
}

static void put_flows(struct stream *stream, const struct model *model)
{
	for (size_t i = 0; i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_at(model, i);

		if (!flow)
			continue;
		put_separator(stream);
		put_flow(stream->json, model, flow);
		end_object(stream);
	}
}

static void put_findings(struct stream *stream, const struct model *model)
{
	for (size_t i = 0; i < model_finding_count(model); i++) {
		put_separator(stream);
		put_finding(stream->json, model_finding_at(model, i));
		end_object(stream);
	}
}

void json_lines_packet(struct report *report, const struct model *model,
		       const struct packet *packet)
{
	struct json spare, *json = json_start(report, &spare);

	json_packet(json, model, packet);
	json_raw(json, "\n");
	json->comma = false;
	json_flush(json);
}

void json_lines_tail(struct report *report, const struct model *model)
{
	struct json spare;
	struct stream stream = { json_start(report, &spare), true };

	put_flows(&stream, model);
	put_findings(&stream, model);
	if (report->where) {
		put_separator(&stream);
		put_filter(stream.json, report, model);
		end_object(&stream);
	}
	put_separator(&stream);
	put_stats(stream.json, report, model);
	json_raw(stream.json, "\n");
	json_flush(stream.json);
}

void json_doc_head(struct report *report, const struct model *model)
{
	struct json spare, *json = json_start(report, &spare);

	(void)model;
	json_open(json, NULL, '{');
	json_open(json, "nfhop", '{');
	json_word(json, "version", NFHOP_VERSION);
	json_uint(json, "schema", 1);
	json_close(json, '}');
	json_raw(json, ",\n\"packets\":[");
	json->comma = false;
	json_flush(json);
}

void json_doc_packet(struct report *report, const struct model *model, const struct packet *packet)
{
	struct json spare;
	struct stream stream = { json_start(report, &spare), false };

	stream.json->comma = report->n++ > 0;
	put_separator(&stream);
	json_packet(stream.json, model, packet);
	json_flush(stream.json);
}

void json_doc_tail(struct report *report, const struct model *model)
{
	struct json spare;
	struct stream stream = { json_start(report, &spare), false };

	stream.json->comma = false;
	json_raw(stream.json, "],\n\"flows\":[");
	put_flows(&stream, model);
	stream.json->comma = false;
	json_raw(stream.json, "],\n\"findings\":[");
	put_findings(&stream, model);
	stream.json->comma = false;
	json_raw(stream.json, "],\n\"filter\":");
	if (report->where)
		put_filter(stream.json, report, model);
	else
		json_raw(stream.json, "null");
	stream.json->comma = false;
	json_raw(stream.json, ",\n\"stats\":");
	put_stats(stream.json, report, model);
	json_raw(stream.json, "}\n");
	json_flush(stream.json);
}
