package dev.credence.app.model;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.DrawnRecord;
import dev.credence.hub.BeginToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Draws rollouts from a prior and a policy in rounds that double, until there are enough, the Bayes fraction is known well
 * enough, or the time is over. The texts of a round depend on the seed alone, not on how long it took.
 */
public final class RolloutRun {
    private static final int FIRST_ROUND = 64;
    private static final String WATCHED = "bayes_fraction";

    private final ModelPair models;
    private final Limits limits;
    private final AuditOptions question;
    private final Map<String, int[]> prompts = new LinkedHashMap<>();
    private final DrawnLog log;

    /**
     * What is drawn, and when it stops.
     *
     * @param samples texts a prompt and source at most
     * @param maxNewTokens at so many tokens a text is cut
     * @param seconds after which no more is drawn; infinite for no such limit
     * @param width stops where the interval of the Bayes fraction is narrower and stands; 0 for no such limit
     * @param begin whether prompts get the begin token
     */
    public record Limits(int samples, int maxNewTokens, double seconds, double width, BeginToken begin) {}

    /**
     * A run that has drawn nothing yet.
     *
     * @param models both models
     * @param prompts prompt to weight
     * @param rewards by name; the audited one among them
     * @param question what the audit is asked, to watch its width
     * @param limits when it stops
     * @throws dev.credence.core.provenance.InputException if a prompt does not fit
     */
    public RolloutRun(
            ModelPair models,
            Map<String, Double> prompts,
            Map<String, RewardExpression> rewards,
            AuditOptions question,
            Limits limits) {
        this.models = models;
        this.limits = limits;
        this.question = question;
        this.log = new DrawnLog(prompts, rewards);
        prompts.keySet()
                .forEach(text -> this.prompts.put(text, models.prompt(text, limits.begin(), limits.maxNewTokens())));
    }

    /**
     * Draws.
     *
     * @param seed of all draws
     * @param progress takes a line a round
     * @return why it stopped, in words
     */
    public String draw(long seed, Consumer<String> progress) {
        SplittableRandom random = new SplittableRandom(seed);
        Drawing drawing = new Drawing(models, limits.maxNewTokens());
        long start = System.nanoTime();
        int drawn = 0;
        while (drawn < limits.samples()) {
            int next = size(drawn, (System.nanoTime() - start) / 1e9);
            if (next == 0) {
                return "the budget is over";
            }
            log.add(round(drawing, next, random));
            drawn += next;
            String reached = String.format(
                    Locale.ROOT, "%,d texts a prompt and model after %.1f s", drawn, (System.nanoTime() - start) / 1e9);
            if (limits.width() > 0) {
                Finding watched = watched();
                progress.accept(reached + "; " + describe(watched));
                if (watched.stands() && watched.upper() - watched.lower() < limits.width()) {
                    return "the Bayes fraction is known to the wanted precision";
                }
            } else {
                progress.accept(reached);
            }
        }
        return "all samples are drawn";
    }

    /** As many again, no more than are left, and no more than fit the time at the pace so far. */
    private int size(int drawn, double elapsed) {
        int wanted = Math.min(limits.samples() - drawn, drawn == 0 ? FIRST_ROUND : drawn);
        if (drawn == 0) {
            return wanted; // a log needs a first round whatever the budget
        }
        double fitting = drawn / elapsed * (limits.seconds() - elapsed);
        return (int) Math.max(0, Math.min(wanted, fitting));
    }

    private List<Rollout> round(Drawing drawing, int n, SplittableRandom random) {
        List<Rollout> rollouts = new ArrayList<>();
        prompts.forEach((text, ids) -> {
            rollouts.addAll(drawing.draw(text, ids, RolloutLog.PRIOR, n, random.split()));
            rollouts.addAll(drawing.draw(text, ids, RolloutLog.POLICY, n, random.split()));
        });
        return rollouts;
    }

    private Finding watched() {
        Finding found = Audit.of(log.columns(), question).findings().get(WATCHED);
        if (found == null) {
            throw new IllegalStateException("the audit has no " + WATCHED);
        }
        return found;
    }

    private static String describe(Finding finding) {
        String withdrawn = finding.stands() ? "" : ", withdrawn so far";
        return String.format(
                Locale.ROOT,
                "Bayes fraction %.3f [%.3f, %.3f]%s",
                finding.estimate(),
                finding.lower(),
                finding.upper(),
                withdrawn);
    }

    /** {@return all records drawn} */
    public List<DrawnRecord> records() {
        return log.records();
    }
}
