package dev.credence.lab.rollouts;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws the tokens of texts anew, given the texts: z ~ π(z | text) for texts that π drew. The pair of text and tokens is then
 * distributed as it was when the model drew it, whereas a text's own tokenisation is not: of a model of 512 tokens, one text
 * in ten was drawn as other tokens, and those have another log-ratio. Whether a text was cut or ended comes with it.
 */
final class TokenRecovery {
    private static final int TEXTS = 512; // that are followed together
    private static final int LOGITS = 1 << 23; // numbers that exist at once

    private final PredictiveModel model;
    private final TokenTable table;

    TokenRecovery(PredictiveModel model, TokenTable table) {
        this.model = model;
        this.table = table;
    }

    /** A path of the model behind a prompt, waiting for its next-token distribution. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Asked(TextPaths paths, TextPaths.Path path, int[] prefix) {}

    /**
     * Draws.
     *
     * @param texts what is known of each
     * @param random one generator is split off for each text
     * @return the paths of each, all followed to their ends; {@link TextPaths#draw} draws one
     */
    List<TextPaths> follow(List<Untold> texts, SplittableRandom random) {
        List<TextPaths> all = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += TEXTS) {
            List<Untold> some = texts.subList(from, Math.min(texts.size(), from + TEXTS));
            List<TextPaths> paths = new ArrayList<>();
            List<SplittableRandom> randoms = new ArrayList<>();
            some.forEach(text -> {
                paths.add(new TextPaths(text, table));
                randoms.add(random.split());
            });
            followTogether(some, paths, randoms);
            all.addAll(paths);
        }
        return all;
    }

    private void followTogether(List<Untold> texts, List<TextPaths> paths, List<SplittableRandom> randoms) {
        int most = Math.max(1, LOGITS / model.vocabulary().size());
        while (!paths.stream().allMatch(TextPaths::isDone)) { // a round may find that none of its paths is worth it
            List<Asked> asked = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                if (!paths.get(i).isDone()) {
                    for (TextPaths.Path path : paths.get(i).next(randoms.get(i))) {
                        int[] prefix = new Continuation(texts.get(i).prompt(), path.tokens()).whole();
                        asked.add(new Asked(paths.get(i), path, prefix));
                    }
                }
            }
            for (int from = 0; from < asked.size(); from += most) {
                List<Asked> some = asked.subList(from, Math.min(asked.size(), from + most));
                double[][] next =
                        model.nextLogProbs(some.stream().map(Asked::prefix).toList());
                for (int i = 0; i < next.length; i++) {
                    some.get(i).paths().extend(some.get(i).path(), next[i]);
                }
            }
        }
    }
}
