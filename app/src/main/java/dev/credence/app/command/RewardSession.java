package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.options.CommonOptions;
import dev.credence.app.view.ExperimentPages;
import dev.credence.app.view.ExperimentText;
import dev.credence.data.json.Json;
import dev.credence.lab.rewards.JudgementKind;
import dev.credence.lab.rewards.RewardEvaluation;
import dev.credence.lab.rewards.RewardTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What `reward` and `resume` have in common: what is said of a reward model that was learned. */
final class RewardSession {
    private final Console console;
    private final CommonOptions common;
    private final Consumer<String> report;

    RewardSession(Console console, CommonOptions common, Consumer<String> report) {
        this.console = console;
        this.common = common;
        this.report = report;
    }

    /** Writes the page of what was held out, prints, and gives the JSON that was asked for. */
    void show(RewardTraining.Outcome outcome, JudgementKind kind, String name) throws IOException {
        Path folder = outcome.folder();
        RewardEvaluation evaluation = outcome.heldOut();
        if (evaluation != null) {
            ExperimentPages.write(folder.resolve("report.html"), evaluation, outcome.document(), outcome.provenance());
        }
        boolean printsText = !common.json().takesStandardOutput();
        if (printsText) {
            console.line(
                    Style.BOLD,
                    "The reward model is in " + folder.toAbsolutePath().normalize() + "; name it as model:" + name);
            console.line(String.format(
                    "  %,d %s learned, by %s, in %,d steps; %,d parameters",
                    outcome.learned(), kind.word(), kind.fit(), outcome.steps(), outcome.parameters()));
        }
        if (evaluation == null) {
            report.accept("nothing was held out: what it foretells is not known");
        } else if (printsText) {
            new ExperimentText(console).print(evaluation);
        }
        common.json().write(console, out -> Json.write(outcome.document(), out));
    }
}
