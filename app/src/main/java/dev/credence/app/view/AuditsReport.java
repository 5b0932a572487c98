package dev.credence.app.view;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.json.Json;
import dev.credence.data.json.RawJson;
import dev.credence.report.NamedAudit;
import dev.credence.report.ReportDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page of audits that were kept as JSON, and the document with the same facts for programs. */
public final class AuditsReport {
    private AuditsReport() {}

    /**
     * The heading where the user names none.
     *
     * @param audits what is shown
     * @return their names
     */
    public static String title(List<NamedAudit> audits) {
        return "Audit of "
                + String.join(", ", audits.stream().map(NamedAudit::name).toList());
    }

    /**
     * The facts.
     *
     * @param audits what is shown
     * @param provenance of this report
     * @return a document, to which fields can be added
     */
    public static Map<String, @Nullable Object> document(List<NamedAudit> audits, Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.report/1", provenance);
        document.put(
                "audits",
                audits.stream()
                        .map(named -> new RawJson(AuditJson.toString(named.audit())))
                        .toList());
        return document;
    }

    /**
     * The page, to be written.
     *
     * @param title its heading
     * @param audits what it shows
     * @param provenance that it prints
     * @param document the facts, which it holds too
     * @return the page
     * @throws IOException never in practice: the document is written into memory
     */
    public static ReportDocument page(
            String title, List<NamedAudit> audits, Provenance provenance, Map<String, @Nullable Object> document)
            throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Json.write(document, json);
        return new ReportDocument(title, null, audits, provenance, json.toString(StandardCharsets.UTF_8));
    }
}
