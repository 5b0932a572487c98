package dev.credence.report;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import java.util.Map;

/** What the document was made from and with, at its end. */
final class ProvenanceSection {
    private ProvenanceSection() {}

    static void write(Html html, ReportDocument document) {
        html.open("section", "class", "provenance", "id", "provenance").element("h2", "Provenance");
        provenance(html, document.provenance());
        for (NamedAudit named : document.audits()) {
            if (!named.audit().provenance().equals(document.provenance())) {
                html.open("details").element("summary", "Provenance of " + named.name());
                provenance(html, named.audit().provenance());
                html.close();
            }
        }
        html.close();
    }

    private static void provenance(Html html, Provenance provenance) {
        html.open("dl", "class", "facts");
        fact(html, "Credence", provenance.version());
        html.open("div")
                .element("dt", "Command")
                .open("dd")
                .element("code", provenance.command())
                .close();
        html.close();
        fact(html, "Seed", Long.toString(provenance.seed()));
        for (Map.Entry<String, String> setting : provenance.settings().entrySet()) {
            fact(html, setting.getKey(), setting.getValue());
        }
        html.close();
        if (provenance.inputs().isEmpty()) {
            return;
        }
        Tables.open(
                html,
                "Inputs, with the hash of their bytes as stored.",
                "inputs",
                Column.text("Input"),
                Column.number("Records"),
                Column.number("Bytes"),
                Column.text("SHA-256"));
        for (Provenance.Input input : provenance.inputs()) {
            String bytes = Long.toString(input.bytes());
            html.open("tr").element("th", input.name(), "scope", "row");
            double records = input.records() == null ? Double.NaN : input.records();
            html.element("td", FigureFormat.of(records), "class", "num", "data-sort", Double.toString(records));
            html.element("td", FigureFormat.of((double) input.bytes()), "class", "num", "data-sort", bytes);
            html.open("td")
                    .element("code", input.sha256(), "class", "hash")
                    .close()
                    .close();
        }
        Tables.close(html);
    }

    private static void fact(Html html, String name, String value) {
        html.open("div").element("dt", name).element("dd", value).close();
    }
}
