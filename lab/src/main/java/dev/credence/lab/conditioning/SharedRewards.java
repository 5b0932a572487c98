package dev.credence.lab.conditioning;

import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import dev.credence.hub.HubModel;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.training.ProcessGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rewards of drawn texts; where several processes train together the first one asks for them, once, and tells the others. */
final class SharedRewards implements TrainingTask.Reward {
    private final HubModel texts;
    private final RewardExpression reward;
    private @Nullable ProcessGroup group;

    SharedRewards(HubModel texts, RewardExpression reward) {
        this.texts = texts;
        this.reward = reward;
    }

    /** Shares them from now on. */
    void together(ProcessGroup group) {
        this.group = group;
    }

    @Override
    public double[] of(TrainingTask.Prompt prompt, List<Sample> completions) {
        if (group == null) {
            return asked(prompt, completions);
        }
        return group.sum(group.rank() == 0 ? asked(prompt, completions) : new double[completions.size()]);
    }

    private double[] asked(TrainingTask.Prompt prompt, List<Sample> completions) {
        List<Drawn> drawn = new ArrayList<>(completions.size());
        for (Sample sample : completions) {
            drawn.add(new Drawn(prompt.text(), texts.text(sample), sample.tokens().length));
        }
        double[] values = reward.evaluateAll(drawn);
        for (int i = 0; i < values.length; i++) {
            if (values[i] == Double.NEGATIVE_INFINITY) {
                throw InputException.ofSetting(
                        "evidence",
                        reward.toString(),
                        "it excludes '" + drawn.get(i).completion()
                                + "', and training learns from finite rewards: use a"
                                + " method that draws or selects, such as rejection or quantilizer");
            }
        }
        return values;
    }

    private record Drawn(String prompt, String completion, int tokens) implements ScoredText {
        @Override
        public double field(String name) {
            throw InputException.ofSetting("reward", "field:" + name, "a drawn text has no fields");
        }
    }
}
