package dev.credence.app.serve;

import dev.credence.app.view.AuditsReport;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.json.Json;
import dev.credence.report.HtmlReport;
import dev.credence.report.NamedAudit;
import dev.credence.report.PageParts;
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
            log.put("dropped", LogPages.isDropped(folder, file));
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
        return AuditsReport.document(audits(files), made);
    }

    /** The file that {@code credence report} writes, to be saved: it has scripts of its own and is never shown by this server. */
    private WebAnswer report(List<String> files) throws IOException {
        List<NamedAudit> audits = audits(files);
        Provenance provenance = audits.size() == 1 ? audits.get(0).audit().provenance() : made;
        StringBuilder page = new StringBuilder();
        HtmlReport.write(
                AuditsReport.page(AuditsReport.title(audits), audits, provenance, AuditsReport.document(audits, made)),
                page);
        return WebAnswer.html(page.toString()).saved("report.html");
    }

    private String compared(List<String> files) {
        return PageParts.comparison(audits(files));
    }
}
