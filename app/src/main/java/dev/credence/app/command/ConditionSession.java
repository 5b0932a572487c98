package dev.credence.app.command;

import dev.credence.app.view.ConditionOutput;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.lab.conditioning.KeptMethods;
import dev.credence.lab.conditioning.MethodAnswers;
import dev.credence.lab.conditioning.ModelConditioning;
import java.io.IOException;
import java.util.function.Consumer;

/** What `condition` and `resume` have in common where a run's folder holds several methods: one table and page of all. */
final class ConditionSession {
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
        MethodAnswers answers = kept.go(conditioning, report);
        int code = output.write(conditioning.prior().title(), provenance, conditioning.asked(), answers);
        kept.finish(conditioning.asked(), answers);
        return code;
    }
}
