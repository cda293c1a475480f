"""Reading a lesson's file: completely, or else with a list of all its mistakes."""
