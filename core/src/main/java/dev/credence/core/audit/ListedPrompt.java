package dev.credence.core.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt of a log with what tells whether it can be audited, and by whom.
 *
 * @param prompt the prompt; its texts and records are with its holder
 * @param prior how many records are of the prior
 * @param policy how many are of the policy
 * @param hasMass whether each model gives some record a mass beside the other that is not lost to underflow
 * @param holder the process that holds its records; 0 where there is one
 */
record ListedPrompt(RolloutLog.Prompt prompt, int prior, int policy, boolean hasMass, int holder) {
    /** All prompts of a log of which this process holds all records. */
    static List<ListedPrompt> of(RolloutLog log) {
        return log.prompts().stream().map(prompt -> of(log, prompt, 0)).toList();
    }

    /**
     * All prompts of a log of which each process holds the records of some, in the order of the processes.
     *
     * @param log the prompts and records of this one
     * @param together what they find together
     */
    static List<ListedPrompt> of(RolloutLog log, Together together) {
        ArrayList<Told> own = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            own.add(Told.of(of(log, prompt, together.place())));
        }
        List<ListedPrompt> all = new ArrayList<>();
        List<ArrayList<Told>> said = together.hear(own);
        for (int holder = 0; holder < said.size(); holder++) {
            for (int c = 0; c < said.get(holder).size(); c++) {
                all.add(
                        holder == together.place()
                                ? of(log, log.prompts().get(c), holder)
                                : said.get(holder).get(c).heldBy(holder));
            }
        }
        return all;
    }

    private static ListedPrompt of(RolloutLog log, RolloutLog.Prompt prompt, int holder) {
        return new ListedPrompt(
                prompt,
                records(log, prompt, RolloutLog.PRIOR),
                records(log, prompt, RolloutLog.POLICY),
                hasMass(log.columns(), prompt),
                holder);
    }

    private static int records(RolloutLog log, RolloutLog.Prompt prompt, byte source) {
        int count = 0;
        for (int i = prompt.from(); i < prompt.to(); i++) {
            count += log.columns().source()[i] == source ? 1 : 0;
        }
        return count;
    }

    private static boolean hasMass(RolloutLog.Columns columns, RolloutLog.Prompt prompt) {
        boolean prior = false;
        boolean policy = false;
        for (int i = prompt.from(); i < prompt.to() && !(prior && policy); i++) {
            double ratio = columns.logPolicy()[i] - columns.logPrior()[i];
            prior |= Math.exp(-Math.max(0, ratio)) > 0;
            policy |= Math.exp(Math.min(0, ratio)) > 0;
        }
        return prior && policy;
    }

    /**
     * What the others hear of it.
     *
     * @param text the prompt
     * @param weight as stated
     * @param size records
     * @param heldOut whether it is held out
     * @param cut how many of its texts were cut
     * @param prior records of the prior
     * @param policy records of the policy
     * @param hasMass whether each model gives some record a mass
     * @serial exclude
     */
    private record Told(
            String text, double weight, int size, boolean heldOut, int cut, int prior, int policy, boolean hasMass)
            implements Serializable {
        static Told of(ListedPrompt own) {
            RolloutLog.Prompt prompt = own.prompt;
            return new Told(
                    prompt.text(),
                    prompt.weight(),
                    prompt.size(),
                    prompt.heldOut(),
                    prompt.cut(),
                    own.prior,
                    own.policy,
                    own.hasMass);
        }

        ListedPrompt heldBy(int holder) {
            RolloutLog.Prompt prompt = new RolloutLog.Prompt(text, weight, 0, size, heldOut, cut, List.of(), List.of());
            return new ListedPrompt(prompt, prior, policy, hasMass, holder);
        }
    }

    /**
     * Finds something of each of some prompts, where their records are.
     *
     * @param prompts the prompts
     * @param together what processes find together, or null where all records are here
     * @param found what is found of the prompt at a position
     * @return in order
     */
    static <T> List<T> find(
            List<ListedPrompt> prompts,
            @Nullable Together together,
            java.util.function.Function<ListedPrompt, T> found) {
        if (together == null) {
            return prompts.parallelStream().map(found).toList();
        }
        int[] holders = prompts.stream().mapToInt(ListedPrompt::holder).toArray();
        Object[] all = together.find(holders, c -> found.apply(prompts.get(c)), each -> each);
        List<T> typed = new ArrayList<>(all.length);
        for (Object each : all) {
            @SuppressWarnings("unchecked")
            T one = (T) each;
            typed.add(one);
        }
        return typed;
    }
}
