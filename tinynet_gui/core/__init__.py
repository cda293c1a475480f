"""Data, network, training and their meaning: a library that knows no Qt.

Its folders, in the order of reading; each imports only from those above it:

    numerics       kinds of arrays; tests and intervals, exact or with a known error
    system         the machine: its processor, processes and their limits, the user's folder
    text           numbers, words and formulas as text
    choices        what a setting chooses by name: activations, losses, optimisers
    network        layers, first weights, outputs, and references to parameters
    data           formulas, points, scaling, real data, and files that are read
    config         the settings of a run, and how each is written
    training       samples and batches, the tutorial's loop, and the same compiled
    network_files  a network's weights as files
    run            a run, what was done to it, any of its moments to the bit, and the session
    function       what a network computes: its pieces, its parts, the best its kind can do
    step           one step of training, taken apart
    failures       why a training fails, the remedies tried against it, and where in a run it did
    landscape      the loss between two networks
    maps           many trainings as one picture over two quantities
    experiments    questions that take many trainings
    wording        sentences and names for networks, runs and settings
    storage        a session as a file, and the journal that autosave appends to
    export         a run as code, as a web page or a film
    lessons        lessons: their language, how they are read, played and answered
"""
