package dev.credence.report;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import java.util.List;

/** What the audit read, named where the reader begins: files, how many records of each, sizes, hashes. */
final class SourcesSection implements Section {
    /** Of more, the provenance at the end has the others. */
    private static final int SHOWN = 6;

    @Override
    public void write(Html html, View view) {
        List<Provenance.Input> inputs = view.audit().provenance().inputs();
        if (inputs.isEmpty()) {
            return;
        }
        html.open("section", "class", "sources").element("h3", inputs.size() == 1 ? "Input" : "Inputs");
        html.open("ul");
        inputs.stream().limit(SHOWN).forEach(input -> line(html, input));
        if (inputs.size() > SHOWN) {
            html.open("li")
                    .text("and " + (inputs.size() - SHOWN) + " more, ")
                    .element("a", "listed at the end", "href", "#provenance")
                    .close();
        }
        html.close().close();
    }

    private static void line(Html html, Provenance.Input input) {
        html.open("li").element("b", input.name());
        if (input.records() != null) {
            html.text(" · " + FigureFormat.of((double) input.records())
                    + (input.records() == 1 ? " record" : " records"));
        }
        html.text(" · " + FigureFormat.of((double) input.bytes()) + " bytes · SHA-256 ")
                .element("code", input.sha256(), "class", "hash")
                .close();
    }
}
