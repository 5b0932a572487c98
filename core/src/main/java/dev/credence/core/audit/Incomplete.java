package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prompts of a log that lack a side, as where a log is still being written: without records of prior and policy a prompt
 * has no divergence, and a single record of one beside more of the other tells no spread. They are left out while most of
 * the weight or of the records is complete; else the log is taken as it is.
 *
 * @param complete the prompts that the overall figures are of
 * @param left the prompts that were left out
 */
record Incomplete(List<ListedPrompt> complete, List<Left> left) {
    /**
     * A prompt that was left out.
     *
     * @param prompt its records
     * @param prior how many are of the prior
     * @param policy how many are of the policy
     */
    record Left(RolloutLog.Prompt prompt, int prior, int policy) {
        String reason() {
            String name = "prompt " + Words.quoted(prompt.text());
            return prior > 1 && policy > 1
                    ? name + " has no record with a mass under both models: sums beside means?"
                    : Gates.text("%s has %d records of the prior and %d of the policy", name, prior, policy);
        }
    }

    private static final double MOST = 0.5; // share of the weight
    private static final int NAMED = 3;

    static Incomplete of(List<ListedPrompt> prompts) {
        List<ListedPrompt> complete = new ArrayList<>();
        List<Left> left = new ArrayList<>();
        double weight = 0;
        double leftWeight = 0;
        int leftRecords = 0;
        for (ListedPrompt each : prompts) {
            RolloutLog.Prompt prompt = each.prompt();
            int prior = each.prior();
            int policy = each.policy();
            boolean both = prior > 0 && policy > 0 && (prior > 1) == (policy > 1);
            weight += prompt.weight();
            if (both && each.hasMass()) {
                complete.add(each);
            } else {
                left.add(new Left(prompt, prior, policy));
                leftWeight += prompt.weight();
                leftRecords += prompt.size();
            }
        }
        int records = prompts.stream().mapToInt(each -> each.prompt().size()).sum();
        return complete.isEmpty() || (leftWeight >= MOST * weight && leftRecords >= MOST * records)
                ? new Incomplete(prompts, List.of())
                : new Incomplete(complete, left);
    }

    /** What was left out here or there. */
    Incomplete and(Incomplete other) {
        List<ListedPrompt> all = new ArrayList<>(complete);
        all.addAll(other.complete);
        List<Left> out = new ArrayList<>(left);
        out.addAll(other.left);
        return new Incomplete(all, out);
    }

    /** The gate that names what was left out; none where nothing was. */
    List<Gate> gates() {
        if (left.isEmpty()) {
            return List.of();
        }
        List<String> reasons = left.stream().limit(NAMED).map(Left::reason).toList();
        return List.of(new Gate(
                "incomplete",
                Gate.Status.WARN,
                left.size(),
                Gates.text(
                        "%d of %d prompts are incomplete and left out of every overall figure (%s%s); complete or remove them",
                        left.size(),
                        left.size() + complete.size(),
                        String.join("; ", reasons),
                        left.size() > NAMED ? "; ..." : ""),
                List.of()));
    }

    /** The left prompts' figures, all withdrawn: those of the overall audit by name. */
    Stream<PromptAudit> audits(Map<String, Finding> overall) {
        return left.stream().map(one -> {
            Map<String, Finding> own = new LinkedHashMap<>();
            overall.forEach((id, finding) -> own.put(
                    id,
                    finding.like(id, finding.question(), Double.NaN, Double.NaN, Double.NaN)
                            .withdrawn("gate incomplete: " + one.reason())));
            return new PromptAudit(one.prompt().text(), 0, one.prior(), one.policy(), own);
        });
    }
}
