package dev.credence.app.serve;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.json.Json;
import dev.credence.data.json.RawJson;
import dev.credence.report.HtmlReport;
import dev.credence.report.NamedAudit;
import dev.credence.report.PageParts;
import dev.credence.report.ReportDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Audits that are kept as JSON below the folder: the list, one as a report, several side by side. */
final class AuditPages {
    private static final String SCHEMA = "\"credence.audit/1\"";
    private static final int PEEKED = 256;
    private static final long MOST_BYTES = 256L << 20;
    private static final int MOST_LISTED = 500;
    private static final int MOST_COMPARED = 12;

    private final ServedFolder folder;
    private final Provenance made;
    private final Map<String, Map<String, @Nullable Object>> known = new ConcurrentHashMap<>();

    AuditPages(ServedFolder folder, Provenance made) {
        this.folder = folder;
        this.made = made;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("GET /api/audits", request -> WebAnswer.json(list()));
        handlers.put("GET /api/audit", request -> WebAnswer.json(Files.readAllBytes(file(request.query("file")))));
        handlers.put("GET /part/audit", request -> WebAnswer.html(PageParts.audit(named(request.query("file")))));
        handlers.put("GET /report", request -> report(request.all("file")));
        handlers.put("GET /api/compare", request -> WebAnswer.json(document(request.all("file"))));
        handlers.put("GET /part/compare", request -> WebAnswer.html(compared(request.all("file"))));
    }

    private Map<String, @Nullable Object> list() {
        Map<String, @Nullable Object> document = Json.document("credence.audits/1", made);
        List<Map<String, @Nullable Object>> audits = new ArrayList<>();
        long left = 0;
        for (Path file : folder.files(name -> name.endsWith(".json"))) {
            if (isAudit(file)) {
                if (audits.size() < MOST_LISTED) {
                    audits.add(summary(file));
                } else {
                    left++;
                }
            }
        }
        document.put("audits", audits);
        document.put("left_off", left);
        List<Map<String, @Nullable Object>> logs = new ArrayList<>();
        for (Path file : folder.files(LogPages::isLog)) {
            Map<String, @Nullable Object> log = new LinkedHashMap<>();
            log.put("file", folder.name(file));
            log.put("bytes", file.toFile().length());
            logs.add(log);
        }
        document.put("logs", logs.subList(0, Math.min(MOST_LISTED, logs.size())));
        return document;
    }

    /** By its first field. */
    private static boolean isAudit(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(PEEKED), StandardCharsets.UTF_8).contains(SCHEMA)
                    && Files.size(file) <= MOST_BYTES;
        } catch (IOException e) {
            return false; // gone since
        }
    }

    private Map<String, @Nullable Object> summary(Path file) {
        String key =
                file + " " + ServedFolder.changed(file) + " " + file.toFile().length();
        return known.computeIfAbsent(key, any -> summarised(file));
    }

    private Map<String, @Nullable Object> summarised(Path file) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("file", folder.name(file));
        facts.put("changed", ServedFolder.changed(file));
        try {
            AuditReport audit = AuditJson.read(file);
            StepAudit last = audit.last();
            facts.put("steps", audit.steps().size());
            facts.put("verdict", last.verdict().label().words());
            facts.put("reward", audit.provenance().settings().get("reward"));
            facts.put("beta", audit.provenance().settings().get("beta"));
            Map<String, Finding> told = new LinkedHashMap<>(last.findings());
            told.keySet().retainAll(List.of("bayes_fraction", "copies.moment_match", "kl.policy_prior"));
            facts.put("findings", Json.findings(told));
            Map<String, String> shown = new LinkedHashMap<>();
            told.forEach((id, finding) -> shown.put(id, !finding.stands() ? "withdrawn" : FindingFormat.of(finding)));
            facts.put("shown", shown);
        } catch (InputException | UncheckedIOException e) {
            facts.put("reason", e.getMessage());
        }
        return facts;
    }

    private Path file(String name) {
        Path file = folder.existing(name);
        if (!Files.isRegularFile(file) || !isAudit(file)) {
            throw WebRefusal.absent("audit " + name);
        }
        return file;
    }

    private NamedAudit named(String name) {
        return new NamedAudit(title(name), AuditJson.read(file(name)));
    }

    private static String title(String file) {
        return file.replaceFirst("\\.json$", "");
    }

    private List<NamedAudit> audits(List<String> files) {
        if (files.isEmpty() || files.size() > MOST_COMPARED) {
            throw new WebRefusal(400, "name 1 to " + MOST_COMPARED + " audits");
        }
        return files.stream().distinct().map(this::named).toList();
    }

    /** What {@code credence report} writes for programs. */
    private Map<String, @Nullable Object> document(List<String> files) {
        Map<String, @Nullable Object> document = Json.document("credence.report/1", made);
        document.put(
                "audits",
                audits(files).stream()
                        .map(named -> new RawJson(AuditJson.toString(named.audit())))
                        .toList());
        return document;
    }

    /** The file that {@code credence report} writes, to be saved: it has scripts of its own and is never shown by this server. */
    private WebAnswer report(List<String> files) throws IOException {
        List<NamedAudit> audits = audits(files);
        StringBuilder page = new StringBuilder();
        String json = new String(WebAnswer.json(document(files)).content(), StandardCharsets.UTF_8);
        String heading = "Audit of "
                + String.join(", ", audits.stream().map(NamedAudit::name).toList());
        Provenance provenance = audits.size() == 1 ? audits.get(0).audit().provenance() : made;
        HtmlReport.write(new ReportDocument(heading, null, audits, provenance, json), page);
        return WebAnswer.html(page.toString()).saved("report.html");
    }

    private String compared(List<String> files) {
        List<NamedAudit> audits = audits(files);
        StringBuilder parts = new StringBuilder();
        parts.append(PageParts.table(table(audits)));
        parts.append(PageParts.picture("compare-ledger", ledger(audits)));
        List<NamedAudit> stepped = audits.stream()
                .filter(named -> named.audit().steps().size() > 1)
                .toList();
        if (!stepped.isEmpty()) {
            parts.append(PageParts.picture(
                    "compare-fraction", against(stepped, "bayes_fraction", "Bayes fraction against step", "fraction")));
            parts.append(PageParts.picture(
                    "compare-copies", against(stepped, "copies.moment_match", "Copies against step", "copies")));
            parts.append(PageParts.picture(
                    "compare-kl", against(stepped, "kl.policy_prior", "KL from the prior against step", "nats")));
        }
        return parts.toString();
    }

    private static DataTable table(List<NamedAudit> audits) {
        DataTable.Builder rows = DataTable.of(
                "The last step of each audit; lower and upper are the ends of the Bayes fraction's 95 % interval. A withdrawn figure is left out.",
                "audit",
                "verdict",
                "reward",
                "β",
                "Bayes fraction",
                "lower",
                "upper",
                "copies",
                "KL from prior, nats",
                "explained, nats",
                "departure, nats",
                "reward of the prior",
                "reward of the policy");
        for (NamedAudit named : audits) {
            StepAudit last = named.audit().last();
            Map<String, String> settings = named.audit().provenance().settings();
            rows.row(
                    named.name(),
                    last.verdict().label().words(),
                    settings.getOrDefault("reward", "–"),
                    settings.getOrDefault("beta", "–"),
                    standing(last, "bayes_fraction", Finding::estimate),
                    standing(last, "bayes_fraction", Finding::lower),
                    standing(last, "bayes_fraction", Finding::upper),
                    standing(last, "copies.moment_match", Finding::estimate),
                    standing(last, "kl.policy_prior", Finding::estimate),
                    standing(last, "kl.explained", Finding::estimate),
                    standing(last, "kl.departure", Finding::estimate),
                    standing(last, "reward.prior", Finding::estimate),
                    standing(last, "reward.policy", Finding::estimate));
        }
        return rows.build();
    }

    private static @Nullable Double standing(StepAudit step, String id, ToDoubleFunction<Finding> field) {
        Finding finding = step.findings().get(id);
        return finding == null || !finding.stands() ? null : (Double) field.applyAsDouble(finding);
    }

    private static Picture ledger(List<NamedAudit> audits) {
        double[] explained = new double[audits.size()];
        double[] departure = new double[audits.size()];
        for (int i = 0; i < explained.length; i++) {
            explained[i] = or(standing(audits.get(i).audit().last(), "kl.explained", Finding::estimate));
            departure[i] = or(standing(audits.get(i).audit().last(), "kl.departure", Finding::estimate));
        }
        return Picture.bars(
                "ledger",
                "The ledger of each audit",
                "KL of the policy from the prior, in two parts: what conditioning on the reward explains, and the departure from it."
                        + " An audit whose figures are withdrawn has no bar.",
                Picture.Axis.linear("nats"),
                audits.stream().map(named -> shortened(named.name())).toList(),
                List.of(
                        Picture.Series.stacked("explained", explained),
                        Picture.Series.stacked("departure", departure)));
    }

    private static double or(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private static String shortened(String name) {
        return name.length() <= 24 ? name : "…" + name.substring(name.length() - 23);
    }

    private static Picture against(List<NamedAudit> audits, String id, String title, String unit) {
        List<Picture.Series> series = new ArrayList<>();
        for (NamedAudit named : audits) {
            List<StepAudit> steps = named.audit().steps().stream()
                    .filter(step -> step.step() != null)
                    .toList();
            double[] x = steps.stream()
                    .mapToDouble(step -> step.step() == null ? 0 : step.step())
                    .toArray();
            series.add(Picture.Series.line(shortened(named.name()), x, each(steps, id, Finding::estimate))
                    .within(each(steps, id, Finding::lower), each(steps, id, Finding::upper)));
        }
        return Picture.of(
                id.replace('.', '-'),
                title,
                "Bands are 95 % intervals; where a figure is withdrawn the line has a gap.",
                Picture.Axis.linear("step"),
                Picture.Axis.linear(unit),
                series);
    }

    private static double[] each(List<StepAudit> steps, String id, ToDoubleFunction<Finding> field) {
        return steps.stream().mapToDouble(step -> or(standing(step, id, field))).toArray();
    }
}
