package dev.credence.worlds;

/**
 * A prompt of a network.
 *
 * @param event the values it fixes
 * @param weight its share of means, before the shares are made to sum to one
 */
record NetworkPrompt(Event event, double weight) {
    /** Where a network has no prompts: nothing is fixed. */
    static final NetworkPrompt ONLY = new NetworkPrompt(Event.ALWAYS, 1);
}
