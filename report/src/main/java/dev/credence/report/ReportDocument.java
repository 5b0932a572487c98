package dev.credence.report;

import dev.credence.core.provenance.Provenance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one report shows.
 *
 * @param title the heading of the page
 * @param methods the table of methods, or null where nothing was conditioned
 * @param audits the audits, in the order they print
 * @param provenance what the whole document was made from and with
 * @param json the same facts for programs; embedded in the page as it is
 */
public record ReportDocument(
        String title, @Nullable MethodTable methods, List<NamedAudit> audits, Provenance provenance, String json) {
    /**
     * Copies the list.
     *
     * @param title the heading of the page
     * @param methods the table of methods, or null
     * @param audits the audits
     * @param provenance what the document was made from and with
     * @param json the same facts for programs
     */
    public ReportDocument {
        audits = List.copyOf(audits);
    }
}
