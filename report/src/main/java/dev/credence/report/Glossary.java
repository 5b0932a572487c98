package dev.credence.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the words of an experiment's page mean, at its end. */
final class Glossary {
    private static final Map<String, String> TERMS = terms();

    private Glossary() {}

    private static Map<String, String> terms() {
        Map<String, String> terms = new LinkedHashMap<>();
        terms.put("Prior", "The model before it is conditioned: a distribution over texts, π0.");
        terms.put(
                "Evidence",
                "A log-likelihood of texts, in nats. A reward r under a KL coefficient β is the evidence r/β; a filter is"
                        + " evidence of 0 or −∞.");
        terms.put("Posterior", "Prior times evidence, normalised for each prompt: π* ∝ π0·e^E.");
        terms.put("Policy", "The model after training or selection, π.");
        terms.put(
                "KL",
                "Kullback–Leibler divergence KL(p‖q) = E_p log p/q, in nats: how much more p's texts surprise one who expects q.");
        terms.put("Tilt", "A member of the family π0·e^(λr)/Z(λ): conditioning on λ copies of the evidence r.");
        terms.put(
                "Copies",
                "The λ of the tilt that comes nearest to a policy: as if so many copies of the evidence had been seen.");
        terms.put(
                "Explained and departure",
                "KL(π‖π0) is the KL of the nearest tilt, which conditioning explains, and the rest, which it does not.");
        terms.put("Bayes fraction", "The explained share of KL(π‖π0): 1 for a true conditional.");
        terms.put(
                "Effective modes",
                "The exponential of the entropy: of how many equally likely texts there seem to be.");
        terms.put(
                "Probe",
                "A part of what is written that no reward reads, such as the same author's next text; it tells conditionals"
                        + " apart that agree on everything that was rewarded.");
        terms.put(
                "Persona",
                "Who a model writes as: a value of a hidden variable that the texts do not show. Conditioning it is not"
                        + " tuning its output.");
        terms.put(
                "Amplification",
                "Answering a question by asking a model the questions it is made of; distillation trains the next model on"
                        + " these answers, round after round. Its fixed point is the model that another round does not change.");
        terms.put(
                "Strict, cyclic, deferring, majority",
                "Ways of amplifying. Strict: each question asks simpler ones only, so that there is one answer. Cyclic:"
                        + " questions ask each other; with a slope below 1 their answers still settle on one. Deferring: most of"
                        + " an answer is what the model said before. Majority: copies of the model vote, and what most of"
                        + " them guessed at first wins.");
        terms.put(
                "Branching, transmission, repair",
                "How bad answers spread. Branching: questions asked below each one. Transmission: probability that a bad"
                        + " answer below makes the one above bad. Their product is critical at 1. Repair: the rate at which bad"
                        + " answers are found and mended.");
        terms.put(
                "Coupling and field",
                "A world that follows predictions: coupling is how strongly, field what pulls it one way whatever is"
                        + " predicted. Above a coupling of 1 several predictions can come true.");
        terms.put(
                "Exact", "Computed by sums over every text of the world, to rounding; such a figure has no interval.");
        terms.put("Withdrawn", "A figure that the records or the settings do not allow; the reason stands beside it.");
        return terms;
    }

    static void write(Html html) {
        html.open("section", "id", "glossary").open("details").element("summary", "Glossary");
        html.open("dl", "class", "glossary");
        TERMS.forEach((term, meaning) -> html.element("dt", term).element("dd", meaning));
        html.close().close().close();
    }
}
