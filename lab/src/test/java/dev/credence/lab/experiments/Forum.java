package dev.credence.lab.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * A world with two prompts of unequal weight, whose hidden writer depends on the prompt, as a file and as plain sums over all
 * its assignments.
 */
final class Forum {
    static final String YAML = """
            world: forum
            variables:
              topic: {values: {maths: .6, art: .4}}
              writer: {hidden: true, given: [topic], values: [person, star, bot], table: {maths: [.6, .3, .1], art: [.8, .15, .05]}}
              worth:
                given: [writer, topic]
                values: [low, mid, top]
                table:
                  "person, maths": [.7, .3, 0]
                  "person, art": [.5, .4, .1]
                  "star, maths": [.2, .5, .3]
                  "star, art": [.1, .5, .4]
                  "bot, maths": [0, .2, .8]
                  "bot, art": [.6, .2, .2]
              tone: {given: [writer], values: [dry, warm], table: {person: [.5, .5], star: [.3, .7], bot: [.9, .1]}}
            text: "{topic}: {worth} {tone}"
            rewards:
              value: {of: [worth], table: {low: -1, mid: .5, top: 4}}
              letters: {text: "count:[oa]"}
            populations:
              people: {writer: [person, star]}
              stars: {writer: star}
              bots: {writer: bot}
            prompts:
              m: {topic: maths, weight: 3}
              a: {topic: art}
            """;

    static final double[] PROMPTS = {.75, .25};
    private static final double[][] WRITER = {{.6, .3, .1}, {.8, .15, .05}};
    private static final double[][][] WORTH = {
        {{.7, .3, 0}, {.2, .5, .3}, {0, .2, .8}},
        {{.5, .4, .1}, {.1, .5, .4}, {.6, .2, .2}}
    };
    private static final double[][] TONE = {{.5, .5}, {.3, .7}, {.9, .1}};
    private static final List<String> TOPICS = List.of("maths", "art");
    private static final List<String> WORTHS = List.of("low", "mid", "top");
    private static final List<String> TONES = List.of("dry", "warm");

    private Forum() {}

    /**
     * A text and who wrote it.
     *
     * @param topic of the prompt
     * @param p its probability behind the prompt
     */
    record Text(int topic, int writer, int worth, int tone, double p) {
        double value() {
            return new double[] {-1, .5, 4}[worth];
        }

        /** Vowels o and a, counted by hand. */
        double letters() {
            String text = TOPICS.get(topic) + ": " + WORTHS.get(worth) + " " + TONES.get(tone);
            return text.chars().filter(c -> c == 'o' || c == 'a').count();
        }
    }

    static List<Text> texts(int topic) {
        List<Text> texts = new ArrayList<>();
        for (int w = 0; w < 3; w++) {
            for (int v = 0; v < 3; v++) {
                for (int t = 0; t < 2; t++) {
                    texts.add(new Text(topic, w, v, t, WRITER[topic][w] * WORTH[topic][w][v] * TONE[w][t]));
                }
            }
        }
        return texts;
    }

    /** Mean of a figure over prompts and texts of some writers that are weighed by evidence, the writers first excluded. */
    static double mean(IntPredicate writers, ToDoubleFunction<Text> likelihood, ToDoubleFunction<Text> figure) {
        double mean = 0;
        for (int topic = 0; topic < 2; topic++) {
            double z = 0;
            double sum = 0;
            for (Text text : texts(topic)) {
                if (writers.test(text.writer)) {
                    double w = text.p * likelihood.applyAsDouble(text);
                    z += w;
                    sum += w * figure.applyAsDouble(text);
                }
            }
            mean += PROMPTS[topic] * sum / z;
        }
        return mean;
    }

    /** Log of a share of what evidence leaves, mean over prompts. */
    static double logShare(ToDoubleFunction<Text> likelihood, Predicate<Text> of) {
        double mean = 0;
        for (int topic = 0; topic < 2; topic++) {
            double all = 0;
            double some = 0;
            for (Text text : texts(topic)) {
                double w = text.p * likelihood.applyAsDouble(text);
                all += w;
                some += of.test(text) ? w : 0;
            }
            mean += PROMPTS[topic] * Math.log(some / all);
        }
        return mean;
    }
}
