package dev.credence.lab.audits;

import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** All that an audit says, as one text, so that two roads to it can be compared. */
public final class AuditWords {
    private AuditWords() {}

    /**
     * What an audit of any source says.
     *
     * @param request what is asked
     * @param source by who takes its warnings
     * @return its document, warnings and title, or why it was refused
     * @throws IOException if reading fails
     */
    public static String of(AuditRequest request, Function<Consumer<String>, AuditSource> source) throws IOException {
        List<String> warnings = new ArrayList<>();
        try {
            AuditOutcome outcome = source.apply(warnings::add).audit(request);
            Map<String, String> described = Map.of("described", outcome.described());
            Provenance provenance = new Provenance("v", "c", 1, described, outcome.inputs());
            return AuditJson.toString(outcome.report(request, provenance))
                    + String.join("\n", warnings)
                    + outcome.title();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * What one reading of a log says.
     *
     * @param request what is asked
     * @param files of the log
     * @param reading how they are read
     * @return as above
     * @throws IOException if reading fails
     */
    public static String ofLog(AuditRequest request, List<String> files, LogReading reading) throws IOException {
        return of(request, warnings -> new LogAudit(files, InputStream.nullInputStream(), reading, warnings));
    }

    /**
     * The part of a document that holds the steps' figures.
     *
     * @param words of an audit that was not refused
     * @return from the first step to the reward's name
     */
    public static String steps(String words) {
        return words.substring(words.indexOf("\"steps\""), words.indexOf("\"reward\" : \"reward\""));
    }
}
