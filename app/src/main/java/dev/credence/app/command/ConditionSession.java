package dev.credence.app.command;

import dev.credence.app.console.ExitCode;
import dev.credence.app.view.ConditionOutput;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.KeptMethods;
import dev.credence.lab.conditioning.ModelConditioning;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** What `condition` and `resume` have in common where a run's folder holds several methods: one table and page of all. */
final class ConditionSession {
    /** The setting of a run's record that names the page to write. */
    static final String OUTPUT = "output";

    private final ConditionOutput output;
    private final Consumer<String> report;

    ConditionSession(ConditionOutput output, Consumer<String> report) {
        this.output = output;
        this.report = report;
    }

    /** Goes on from where they stand. */
    int go(KeptMethods kept, ModelConditioning conditioning, Provenance provenance) throws IOException {
        report.accept("the run is " + kept.run().path() + ": broken off, `resume "
                + ShellWord.of(kept.run().path().toString()) + "` goes on with all methods");
        List<Answer> answers = kept.go(conditioning);
        output.write(conditioning.prior().title(), provenance, conditioning.asked(), answers);
        kept.finish(conditioning.asked(), answers);
        return ExitCode.DONE;
    }
}
