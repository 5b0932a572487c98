package dev.credence.bench.coverage;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Verdict.Label;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Labels of the adversarial suite, for people and for programs.
 *
 * @param study what was found
 */
record VerdictReport(VerdictStudy study) {
    private static final int MOST_ACCOUNTS = 40;

    /** Prints kind by label, and each wrong label. */
    void print(Console console) {
        List<VerdictStudy.Sample> wrong = study.wrong();
        console.line(
                Style.BOLD,
                String.format(
                        Locale.ROOT,
                        "Labels of %d adversarial logs (seed %d): %d wrong",
                        study.samples().size(),
                        study.seed(),
                        wrong.size()));
        TextTable table = new TextTable(2).words("logs", 46);
        for (Label label : Label.values()) {
            table.numbers(word(label));
        }
        table.numbers("wrong").numbers("modest");
        for (VerdictKind kind : VerdictKind.values()) {
            List<VerdictStudy.Sample> own = study.of(kind);
            List<String> row = new ArrayList<>();
            row.add(kind.title());
            for (Label label : Label.values()) {
                row.add(Long.toString(count(own, label)));
            }
            long mistaken = own.stream().filter(VerdictStudy.Sample::wrong).count();
            row.add(Long.toString(mistaken));
            row.add(Long.toString(
                    own.stream().filter(VerdictStudy.Sample::modest).count()));
            table.row(mistaken > 0 ? Style.BAD : Style.PLAIN, row.toArray(String[]::new));
        }
        table.print(console);
        wrong.stream()
                .limit(MOST_ACCOUNTS)
                .forEach(sample -> console.line(
                        Style.DIM,
                        "  log " + sample.number() + " (" + sample.kind().title() + "): " + word(sample.label()) + ", "
                                + sample.account()));
    }

    private static long count(List<VerdictStudy.Sample> samples, Label label) {
        return samples.stream().filter(sample -> sample.label() == label).count();
    }

    private static String word(Label label) {
        return label.words();
    }

    /** The same, for programs. */
    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.verdicts/1", provenance);
        document.put("logs", study.samples().size());
        document.put("wrong", study.wrong().size());
        Map<String, @Nullable Object> kinds = new LinkedHashMap<>();
        for (VerdictKind kind : VerdictKind.values()) {
            List<VerdictStudy.Sample> own = study.of(kind);
            Map<String, @Nullable Object> counts = new LinkedHashMap<>();
            for (Label label : Label.values()) {
                counts.put(word(label), count(own, label));
            }
            counts.put("wrong", own.stream().filter(VerdictStudy.Sample::wrong).count());
            counts.put(
                    "modest", own.stream().filter(VerdictStudy.Sample::modest).count());
            kinds.put(kind.title(), counts);
        }
        document.put("kinds", kinds);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
