package dev.credence.lab.conditioning;

import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainingDivergedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Methods that take their turns: one that diverges, or is refused, does not keep those behind it from theirs. */
public final class MethodTurns {
    private final List<Answer> answers = new ArrayList<>();
    private final List<MethodAnswers.Failed> failed = new ArrayList<>();
    private final boolean areSeveral; // else what is thrown in the end says it
    private final Consumer<String> report;
    private @Nullable RuntimeException first;

    /** What a method does. */
    public interface Turn {
        /**
         * Conditions and audits.
         *
         * @return what came of it
         * @throws IOException if something cannot be read or written, which ends the turns of all
         */
        Answer take() throws IOException;
    }

    /**
     * None has had its turn yet.
     *
     * @param methods how many will have one
     * @param report takes a line for each that fails, where they are several
     */
    public MethodTurns(int methods, Consumer<String> report) {
        this.areSeveral = methods > 1;
        this.report = report;
    }

    /**
     * A method's turn.
     *
     * @param method the method
     * @param own its settings as typed
     * @param turn what it does
     * @throws IOException if something cannot be read or written
     */
    public void take(Conditioner method, MethodOptions own, Turn turn) throws IOException {
        try {
            answers.add(turn.take());
        } catch (InputException | NoPosteriorException | TrainingDivergedException e) {
            first = first == null ? e : first;
            failed(method, own, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    /** Of a method that had its turn before. */
    void failed(Conditioner method, MethodOptions own, String cause) {
        MethodAnswers.Failed one = new MethodAnswers.Failed(
                Answer.label(method, own), method.card().name(), Answer.aimed(method.aimOnModels(own)), cause);
        failed.add(one);
        if (areSeveral) {
            report.accept(one.method() + ": " + cause);
        }
    }

    /**
     * The end of the turns.
     *
     * @return what came of all
     * @throws InputException if none came to its end, and the first was refused
     * @throws NoPosteriorException if none came to its end, and the first aims at nothing that exists
     * @throws TrainingDivergedException if none came to its end, and the first diverged
     */
    public MethodAnswers end() {
        if (answers.isEmpty() && first != null) {
            throw first;
        }
        return new MethodAnswers(answers, failed);
    }
}
