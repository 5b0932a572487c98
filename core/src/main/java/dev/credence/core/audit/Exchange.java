package dev.credence.core.audit;

import java.io.Serializable;
import java.util.List;

/**
 * What several processes tell each other that audit one log together, each of which holds the records of some of its prompts
 * ({@link Audit#of(RolloutLog, AuditOptions, Exchange)}). All run the same audit: what is found of a prompt's records is found where
 * they are and told to all, and what is made of it is made by each, in the order of the prompts, so that all come to the same figures
 * as one process that holds every record, to the last digit.
 */
public interface Exchange {
    /** {@return which of the processes this one is, from 0; their prompts follow each other in this order} */
    int place();

    /**
     * Tells all what this one has found, and waits for what the others have. Called as often and in the same order by all.
     *
     * @param own what this one tells
     * @return what each tells, by place; this one's among them
     * @throws java.io.UncheckedIOException if one of them is gone
     */
    List<byte[]> tell(byte[] own);

    /**
     * The same of something that is not bytes yet.
     *
     * @param own what this one tells
     * @param <T> what it is
     * @return what each tells, by place
     * @throws java.io.UncheckedIOException if one of the processes is gone
     */
    default <T extends Serializable> List<T> hear(T own) {
        return tell(Together.written(own)).stream()
                .map(each -> {
                    @SuppressWarnings("unchecked")
                    T one = (T) Together.read(each);
                    return one;
                })
                .toList();
    }
}
