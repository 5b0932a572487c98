package dev.credence.lab.conditioning;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Sample;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.methods.DrawnEvidence;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Evidence on the whole texts of a server's model, whose tokens are spelled by the server alone, as a method that draws is given it.
 * It is not known token by token: methods that follow beginnings of texts refuse it.
 */
final class TextsAsked implements DrawnEvidence {
    private final ModelPrompts prompts;
    private final Evidence evidence;
    private final RewardType type;
    private final Map<IntBuffer, String> behind = new HashMap<>(); // the prompt of its ids

    TextsAsked(ModelPrompts prompts, Evidence evidence, RewardType type) {
        this.prompts = prompts;
        this.evidence = evidence;
        this.type = type;
        prompts.ids().forEach((text, ids) -> behind.put(IntBuffer.wrap(ids), text));
    }

    private String text(int[] prompt) {
        return Objects.requireNonNull(behind.get(IntBuffer.wrap(prompt)), "an unknown prompt");
    }

    @Override
    public double[] logLikelihoods(int[] prompt, List<Sample> drawn) {
        List<String> texts = prompts.model().texts(drawn);
        double[] found = new double[texts.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = evidence.logLikelihood(
                    text(prompt), texts.get(i), drawn.get(i).tokens().length);
        }
        return found;
    }

    @Override
    public double upper(int[] prompt) {
        return evidence.bounds(text(prompt), "").upper();
    }

    @Override
    public RewardType rewardType() {
        return type;
    }

    @Override
    public int[] tokens(int[] prompt, String beginning) {
        return prompts.model().continuation(prompt, beginning, false).tokens();
    }
}
