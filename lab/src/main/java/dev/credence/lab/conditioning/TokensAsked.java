package dev.credence.lab.conditioning;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.SoftValues;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.methods.DrawnEvidence;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.AnytimePartition;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Evidence on a checkpoint's tokens behind each prompt, as a method that draws is given it; soft values come of the trie's search. */
final class TokensAsked implements DrawnEvidence {
    private static final long MOST_SEEN = 2_000_000; // texts and branches
    private static final int SOFT_VALUES = 4_000_000; // 200 MB

    private final ModelPrompts prompts;
    private final DrawnEvidence plain;
    private final RewardType type;

    private TokensAsked(ModelPrompts prompts, DrawnEvidence plain, RewardType type) {
        this.prompts = prompts;
        this.plain = plain;
        this.type = type;
    }

    /** The evidence of a model's texts; of a server's, whose tokens are not known here, as it is asked of whole ones. */
    static DrawnEvidence of(ModelPrompts prompts, Evidence evidence, RewardType type) {
        if (prompts.model().isServed()) {
            return new TextsAsked(prompts, evidence, type);
        }
        Map<IntBuffer, TokenEvidence> behind = new HashMap<>();
        prompts.ids().forEach((text, ids) -> behind.put(IntBuffer.wrap(ids), evidence.on(prompts.tokens(), text)));
        DrawnEvidence plain =
                DrawnEvidence.of(ids -> Objects.requireNonNull(behind.get(IntBuffer.wrap(ids)), "an unknown prompt"));
        return new TokensAsked(prompts, plain, type);
    }

    @Override
    public double[] logLikelihoods(int[] prompt, List<Sample> drawn) {
        return plain.logLikelihoods(prompt, drawn);
    }

    @Override
    public double upper(int[] prompt) {
        return plain.upper(prompt);
    }

    @Override
    public RewardType rewardType() {
        return type;
    }

    @Override
    public int[] tokens(int[] prompt, String beginning) {
        return prompts.model().texts().continuation(prompt, beginning, false).tokens();
    }

    @Override
    public Optional<TokenEvidence> onTokens(int[] prompt) {
        return plain.onTokens(prompt);
    }

    /** By the trie, which opens what is least certain first; it stops after a number of texts and branches, not by a clock. */
    @Override
    public SoftValues softValues(PredictiveModel prior, SoftValues.Extent extent, double copies) {
        if (!(prior instanceof Transformer transformer)) {
            return DrawnEvidence.super.softValues(prior, extent, copies);
        }
        SoftValues.Recorder recorder = SoftValues.recorder(SOFT_VALUES);
        AnytimePartition.Search how = new AnytimePartition.Search(
                0, so -> so.seen() + so.settled() + so.excluded() + so.cut() < MOST_SEEN, recorder);
        TokenEvidence evidence = onTokens(extent.prompt()).orElseThrow().times(copies);
        new AnytimePartition(transformer, evidence).search(extent.prompt(), extent.horizon(), how);
        return recorder.finish();
    }
}
