package dev.credence.report;

import dev.credence.core.audit.ThresholdOutcome;
import java.util.List;

/** What was demanded of the figures, and whether it held. */
final class ThresholdsSection implements Section {
    @Override
    public void write(Html html, View view) {
        List<ThresholdOutcome> thresholds = view.audit().thresholds();
        if (thresholds.isEmpty()) {
            return;
        }
        html.open("section").element("h3", "Thresholds");
        Tables.open(
                html,
                "Limits that the figures had to keep. The end of the 95 % interval counts, so that the records must show it;"
                        + " a withdrawn figure keeps none.",
                "thresholds",
                Column.text("Demanded"),
                Column.text("Outcome"),
                Column.text("Why"));
        for (ThresholdOutcome threshold : thresholds) {
            html.open("tr", "data-threshold", threshold.id());
            html.open("th", "scope", "row").element("code", threshold.demand()).close();
            html.open("td");
            Badge.threshold(html, threshold);
            html.close().element("td", threshold.reason(), "class", "prose").close();
        }
        Tables.close(html);
        html.close();
    }
}
