LOCUS       MDP00001                  70 aa            linear   VRL 01-JAN-2024
DEFINITION  spike [Made-up bat virus].
ACCESSION   MDP00001
VERSION     MDP00001.1
KEYWORDS    .
SOURCE      Made-up bat virus
  ORGANISM  Made-up bat virus
            Viruses; Madeupviria.
FEATURES             Location/Qualifiers
     source          1..70
                     /organism="Made-up bat virus"
                     /host="Desmodus rotundus"
     Protein         1..70
                     /product="spike"
     CDS             1..70
                     /coded_by="MADE0009.1:1..213"
ORIGIN
        1 mmfpcdvenw cthcdqqdid vqcweiwcww pcicvflqfv ewlvgewwhn evdwcyhsvq
       61 mrwrnligid
//
